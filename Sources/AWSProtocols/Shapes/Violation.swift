// Validation with the texts of AWS's services. All that is wrong is found, because the first line says how many.

internal import EventPatterns

/// One constraint that an input does not keep.
public struct Violation: Sendable, Equatable {
  /// The member, as AWS's texts name it: `targets.1.member.id`.
  public var path: String
  /// What the constraint asks: `Member must not be null`.
  public var constraint: String
  /// The value as the text quotes it; nothing for one that is not there.
  public var value: String?
  /// Whether a required member is missing.
  public var isMissing: Bool { value == nil }

  /// `Value 'x' at 'name' failed to satisfy constraint: Member must …`
  public var sentence: String {
    "Value \(value.map { "'\($0)'" } ?? "null") at '\(path)' failed to satisfy constraint: \(constraint)"
  }

  /// `2 validation errors detected: …; …`
  public static func message(_ violations: [Violation]) -> String {
    let count = violations.count
    return "\(count) validation error\(count == 1 ? "" : "s") detected: "
      + violations.map(\.sentence).joined(separator: "; ")
  }
}

extension Structure {
  /// The most violations that are looked for: nobody reads more.
  static let mostViolations = 20

  /// What is wrong with the members of an input, in their order.
  public func violations(in fields: Fields) -> [Violation] {
    var found: [Violation] = []
    check(fields, path: "", &found)
    return found
  }

  func check(_ fields: Fields, path: String, _ found: inout [Violation]) {
    for member in members {
      guard found.count < Self.mostViolations else { return }
      let place = path.isEmpty ? member.name.lowerFirst : "\(path).\(member.name.lowerFirst)"
      let value = fields[member.name]
      if case .absent = value {
        if member.isRequired { found.append(Violation(path: place, constraint: "Member must not be null", value: nil)) }
      } else {
        member.shape.check(value, path: place, isSecret: member.isSecret, &found)
      }
    }
  }
}

extension Shape {
  func check(_ value: Value, path: String, isSecret: Bool = false, _ found: inout [Violation]) {
    guard found.count < Structure.mostViolations else { return }
    func add(_ constraint: String) {
      let quoted = isSecret ? "***" : value.quotation
      found.append(Violation(path: path, constraint: constraint, value: quoted))
    }
    switch (kind, value) {
    case (.string, .string(let text)):
      checkLength(text.unicodeScalars.count, add)
      if let pattern, length.map({ text.unicodeScalars.count <= $0.upperBound }) ?? true, !pattern.matches(text) {
        add("Member must satisfy regular expression pattern: \(pattern)")
      }
      if !choices.isEmpty, !choices.contains(text) {
        add("Member must satisfy enum value set: [\(choices.joined(separator: ", "))]")
      }
    case (.blob, .blob(let bytes)): checkLength(bytes.count, add)
    case (.integer, .integer(let number)), (.long, .integer(let number)): checkRange(Double(number), add)
    case (.double, .double(let number)): checkRange(number, add)
    case (.list(let item), .list(let items)):
      checkLength(items.count, add)
      for (index, value) in items.enumerated() {
        guard found.count < Structure.mostViolations else { return }
        item.check(value, path: "\(path).\(index + 1).member", isSecret: isSecret, &found)
      }
    case (.map(let keyShape, let valueShape), .fields(let fields)):
      checkLength(fields.entries.count, add)
      for entry in fields.entries {
        guard found.count < Structure.mostViolations else { return }
        keyShape.check(.string(entry.name), path: path, &found)
        valueShape.check(entry.value, path: "\(path).\(entry.name).member", isSecret: isSecret, &found)
      }
    case (.structure(let structure), .fields(let fields)): structure.check(fields, path: path, &found)
    default: break
    }
  }

  private func checkLength(_ count: Int, _ add: (String) -> Void) {
    guard let length, !length.contains(count) else { return }
    if count < length.lowerBound {
      add("Member must have length greater than or equal to \(length.lowerBound)")
    } else {
      add("Member must have length less than or equal to \(length.upperBound)")
    }
  }

  private func checkRange(_ number: Double, _ add: (String) -> Void) {
    guard let range, !range.contains(number) else { return }
    if number < range.lowerBound {
      add("Member must have value greater than or equal to \(Int64(range.lowerBound))")
    } else {
      add("Member must have value less than or equal to \(Int64(range.upperBound))")
    }
  }
}

extension Value {
  /// The value as a validation text quotes it, cut to what a person reads.
  fileprivate var quotation: String {
    switch self {
    case .absent: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string(let text): text.count > 1024 ? "\(text.prefix(1024))…" : text
    case .time(let time): time.iso8601
    case .blob(let bytes): "java.nio.HeapByteBuffer[pos=0 lim=\(bytes.count) cap=\(bytes.count)]"
    case .list(let items): "[\(items.prefix(10).map(\.quotation).joined(separator: ", "))]"
    case .fields(let fields):
      "{\(fields.entries.prefix(10).map { "\($0.name)=\($0.value.quotation)" }.joined(separator: ", "))}"
    case .document(let json): String(json.text.prefix(1024))
    }
  }
}

extension String {
  /// The text with its first letter in lower case: AWS's spelling of members in texts and CloudTrail records.
  public var lowerFirst: String { prefix(1).lowercased() + dropFirst() }
}
