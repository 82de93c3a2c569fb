// Where something stands in a rule file. Everything that a person wrote keeps its place from the YAML reader to the last
// error message, so that no message ever says "somewhere in your rules".

/// A place in a file.
public struct SourcePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The file as it was named to the loader (or `-` for standard input).
  public var file: String
  /// The line, from 1.
  public var line: Int
  /// The column, from 1, counted in characters (Unicode scalars).
  public var column: Int

  /// Names a place.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// As `file:line:column`.
  public var description: String { "\(file):\(line):\(column)" }

  /// Orders by file, then line, then column.
  public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// A value together with the place where it was written.
public struct Located<Value: Sendable>: Sendable {
  /// The value.
  public var value: Value
  /// Where it stands.
  public var position: SourcePosition

  /// Pins a value to a place.
  public init(_ value: Value, at position: SourcePosition) {
    self.value = value
    self.position = position
  }
}

extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}
