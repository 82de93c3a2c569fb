// Which messages a subscription wants. SNS's filter language is EventBridge's pattern language over another document: the
// message attributes as one flat object, or the message's body. So the same matcher judges it.

internal import EventPatterns
internal import Foundation

/// A subscription's filter policy, ready to judge messages.
final class FilterPolicy: Sendable {
  /// What a policy looks at.
  enum Scope: String, Sendable {
    case messageAttributes = "MessageAttributes"
    case messageBody = "MessageBody"
  }

  /// The most combinations of values that SNS takes.
  private static let mostCombinations = 150
  private static let mostKeys = 5

  private let set: PatternSet?
  let scope: Scope

  /// Reads a policy; an empty one lets everything through.
  init(parsing text: String, scope: Scope) throws(MessagingError) {
    self.scope = scope
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: text)
    } catch {
      throw Self.invalid("failed to parse JSON. \(error)")
    }
    guard case .object(let policy) = value else { throw Self.invalid("Filter policy must be a JSON object") }
    if policy.members.isEmpty {
      set = nil
      return
    }
    if scope == .messageAttributes {
      guard policy.members.count <= Self.mostKeys else {
        throw Self.invalid("Filter policy can not have more than \(Self.mostKeys) keys")
      }
      for member in policy.members where member.name != "$or" {
        switch member.value {
        case .array: continue
        case .object:
          throw TopicService.invalid("Filter policy scope MessageAttributes does not support nested filter policy")
        default: throw Self.invalid("\"\(member.name)\" must be an object or an array")
        }
      }
    }
    guard Self.combinations(of: value) <= Self.mostCombinations else {
      throw Self.invalid("Filter policy is too complex")
    }
    do throws(PatternError) {
      set = PatternSet([try EventPattern(parsing: text)])
    } catch {
      throw Self.invalid(error.message)
    }
  }

  /// Whether a message passes.
  func admits(_ attributes: [String: MessageAttribute], body: [UInt8]) -> Bool {
    guard let set else { return true }
    let document: [UInt8]
    switch scope {
    case .messageAttributes: document = Self.document(of: attributes)
    case .messageBody:
      // Only an object has fields to look at.
      guard body.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") else { return false }
      document = body
    }
    var matcher = EventMatcher(set)
    return (try? matcher.matches(document))?.isEmpty == false
  }

  /// The attributes as an object: texts as texts, numbers as numbers, arrays as arrays.
  private static func document(of attributes: [String: MessageAttribute]) -> [UInt8] {
    var object = JSONObject()
    for (name, attribute) in attributes {
      guard case .text(let text) = attribute.value else { continue }
      switch attribute.dataType {
      case "String.Array":
        guard let items = try? JSONValue(parsing: text), case .array = items else { continue }
        object[name] = items
      case let type where type.hasPrefix("Number"):
        object[name] = (try? JSONValue(parsing: text)) ?? .string(text)
      default: object[name] = .string(text)
      }
    }
    return JSONValue.object(object).bytes
  }

  private static func combinations(of value: JSONValue) -> Int {
    guard case .object(let object) = value else { return 1 }
    var product = 1
    for member in object.members {
      switch member.value {
      case .array(let items): product = product.multipliedReportingOverflow(by: max(1, items.count)).partialValue
      case .object: product = product.multipliedReportingOverflow(by: combinations(of: member.value)).partialValue
      default: break
      }
      if product > mostCombinations || product < 0 { return .max }
    }
    return product
  }

  private static func invalid(_ reason: String) -> MessagingError {
    MessagingError(.invalidParameter, "Invalid parameter: FilterPolicy: \(reason)")
  }
}
