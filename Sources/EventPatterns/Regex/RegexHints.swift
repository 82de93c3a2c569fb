// What can be known of a match before looking for it: a literal that every match holds, and whether matches begin at
// the beginning of the text. Most expressions in rules have such a literal, and most texts do not hold it.

import CSignalbox

/// Shortcuts for one expression.
struct RegexHints: Sendable {
  /// Bytes that every matching text holds; empty if none are known.
  var required: [UInt8] = []
  /// Whether every text that holds `required` matches.
  var isLiteral = false
  /// Whether a match can only begin at the beginning of the text.
  var isAnchored = false

  init(_ node: RegexNode) {
    if case .literal(let bytes) = node {
      required = bytes
      isLiteral = true
      return
    }
    isAnchored = Self.isAnchored(node)
    required = Self.required(node)
  }

  private static func isAnchored(_ node: RegexNode) -> Bool {
    switch node {
    case .assertion(let assertion): assertion == .textStart
    case .concatenation(let nodes): nodes.first.map(isAnchored) ?? false
    case .alternation(let nodes): nodes.allSatisfy(isAnchored)
    case .repetition(let node, let min, _): min > 0 && isAnchored(node)
    case .empty, .set, .literal: false
    }
  }

  /// The longest literal that must occur.
  private static func required(_ node: RegexNode) -> [UInt8] {
    switch node {
    case .literal(let bytes): bytes
    case .concatenation(let nodes): nodes.map(required).max { $0.count < $1.count } ?? []
    case .repetition(let node, let min, _): min > 0 ? required(node) : []
    case .empty, .set, .alternation, .assertion: []
    }
  }

  /// Whether a text holds the required bytes.
  func areHeld(by text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard !required.isEmpty, let base = text.baseAddress else { return required.isEmpty }
    return sb_find(base, text.count, required, required.count) >= 0
  }
}
