// What a target gets of an event: all of it, a constant, a part, or what a template makes of it.

internal import EventPatterns

/// The compiled input settings of a target.
public enum TargetInput: Sendable, Equatable {
  /// The event as it is.
  case event
  /// The same text for every event.
  case constant([UInt8])
  /// A part of the event, as JSON.
  case path(JSONPath)
  /// A template's output.
  case template(InputTemplate)

  /// Compiles the settings of a target; throws EventBridge's `ValidationException` texts.
  init(_ target: RuleTarget) throws(BusError) {
    let given = [target.input != nil, target.inputPath != nil, target.transformer != nil].count { $0 }
    guard given <= 1 else {
      throw .validation(
        "Only one of Input, InputPath, or InputTransformer must be provided for target \(target.id)."
      )
    }
    if let input = target.input {
      guard (try? JSONValue(parsing: input)) != nil else {
        throw .validation("JSON syntax error in input for target \(target.id)")
      }
      self = .constant(Array(input.utf8))
    } else if let text = target.inputPath, text != "$" {
      self = .path(try Self.path(text, "InputPath", target))
    } else if let transformer = target.transformer {
      guard transformer.paths.count <= 100 else {
        throw .validation("InputPathsMap of target \(target.id) has more than 100 paths.")
      }
      var paths: [String: JSONPath] = [:]
      for (name, text) in transformer.paths {
        paths[name] = try Self.path(text, "InputPathsMap", target)
      }
      do throws(InputTemplate.UnknownPlaceholder) {
        self = .template(try InputTemplate(transformer.template, paths: paths))
      } catch {
        throw .validation("InputTemplate for target \(target.id) contains invalid placeholder \(error.name).")
      }
    } else {
      self = .event
    }
  }

  private static func path(_ text: String, _ field: String, _ target: RuleTarget) throws(BusError) -> JSONPath {
    do throws(JSONPath.Malformed) {
      return try JSONPath(parsing: text)
    } catch {
      throw .validation("Invalid JSON path in \(field) for target \(target.id): \(text)")
    }
  }

  /// Whether the event has to be read to make the input.
  var readsEvent: Bool {
    switch self {
    case .event, .constant: false
    case .path, .template: true
    }
  }

  /// The input for an event.
  ///
  /// - Parameters:
  ///   - envelope: the event's bytes.
  ///   - scope: the event read, if `readsEvent`.
  public func payload(_ envelope: [UInt8], _ scope: ShapingScope?) throws(ShapingFailure) -> [UInt8] {
    switch (self, scope) {
    case (.event, _): return envelope
    case (.constant(let bytes), _): return bytes
    case (.path(let path), let scope?):
      guard let value = path.value(in: scope.event) else {
        throw ShapingFailure(message: "the event has nothing at the target's InputPath")
      }
      return value.bytes
    case (.template(let template), let scope?): return try template.render(scope)
    case (.path, nil), (.template, nil): throw ShapingFailure(message: "the event is not readable JSON")
    }
  }
}
