// What the scanner keeps of an event: the values of the fields that rules ask about, and where in arrays they stood.
//
// Values of one field form a list in document order. A value inside an object inside an array also has a *scope*: the
// array element it belongs to. Scopes form a tree, numbered in document order, so that the scopes inside a scope are the
// numbers from it to its `last`:
//
//     {"a": [ {"x": 1, "b": [ {"y": 2}, {"y": 3} ]}, {"x": 4} ]}
//             scope 1 ─────── scope 2 ─ scope 3      scope 4
//     arrays: a = 0 (scopes 1, 4), b = 1 (scopes 2, 3)
//
// Two values belong together unless some array has one of them in one element and the other in another: x=1 goes with
// y=2 and y=3, x=4 with neither. Most events have no scopes at all and pay nothing for them.

/// A value of a field that some rule asks about.
struct CapturedValue: BitwiseCopyable {
  /// The unescaped text of a string, the spelling of a number; in the event or in the decoding buffer.
  var text: UnsafePointer<UInt8>
  var length: UInt32
  /// The array element it stands in, 0 for none.
  var scope: UInt32
  /// The next value of the same field: its index plus one, 0 for none.
  var next: UInt32
  var kind: ValueKind

  var leaf: LeafValue { LeafValue(kind: kind, text: UnsafeBufferPointer(start: text, count: Int(length))) }
}

/// An element of an array, as far as fields that rules ask about lie inside.
struct Scope: BitwiseCopyable {
  /// The scope around the array, 0 for none.
  var parent: UInt32
  /// The array.
  var array: UInt32
  /// The last scope inside this one (itself, if there is none).
  var last: UInt32
}

/// Scratch memory for the fields of one event, reused for the next.
struct EventFields {
  /// The list of one field's values.
  struct Field: BitwiseCopyable {
    /// First value: index plus one, 0 for none.
    var first: UInt32 = 0
    var last: UInt32 = 0
    /// Whether any of the values has a scope.
    var isScoped = false
  }

  var values = GrowBuffer<CapturedValue>(capacity: 64)
  let fields: UnsafeMutablePointer<Field>
  private let fieldCount: Int
  /// The fields that have values; there is room for all.
  var touched: GrowBuffer<UInt32>
  /// Scope 0 is the event outside all arrays.
  var scopes = GrowBuffer<Scope>(capacity: 64)
  /// The scope that values are captured in now.
  var scope: UInt32 = 0
  /// The last scope of each array.
  var arrayEnds = GrowBuffer<UInt32>(capacity: 16)
  /// Whether any value has a scope.
  var isScoped = false
  /// Unescaped texts. Never moves while an event is looked at: there is room for the whole event beforehand.
  var decoded = GrowBuffer<UInt8>(capacity: 256)

  init(fieldCount: Int) {
    self.fieldCount = fieldCount
    touched = GrowBuffer(capacity: fieldCount)
    fields = .allocate(capacity: max(fieldCount, 1))
    fields.initialize(repeating: Field(), count: max(fieldCount, 1))
  }

  func free() {
    values.free()
    fields.deallocate()
    touched.free()
    scopes.free()
    arrayEnds.free()
    decoded.free()
  }

  /// Forgets the last event; costs as much as it had fields.
  mutating func reset() {
    for index in 0..<touched.count { fields[Int(touched[index])] = Field() }
    touched.count = 0
    values.count = 0
    scopes.count = 0
    scopes.append(Scope(parent: 0, array: .max, last: .max))
    arrayEnds.count = 0
    decoded.count = 0
    isScoped = false
  }

  // MARK: Array elements

  /// Begins an array whose elements have fields inside; returns its number.
  mutating func openArray() -> UInt32 {
    arrayEnds.append(0)
    return UInt32(truncatingIfNeeded: arrayEnds.count &- 1)
  }

  mutating func closeArray(_ array: UInt32) {
    arrayEnds.base[Int(array)] = UInt32(truncatingIfNeeded: scopes.count &- 1)
  }

  /// Begins an element of an array.
  mutating func openScope(array: UInt32) {
    let inner = UInt32(truncatingIfNeeded: scopes.count)
    scopes.append(Scope(parent: scope, array: array, last: inner))
    scope = inner
  }

  mutating func closeScope() {
    let closed = scopes.base + Int(scope)
    closed.pointee.last = UInt32(truncatingIfNeeded: scopes.count &- 1)
    scope = closed.pointee.parent
  }

  // MARK: Values

  /// Notes a value of a field. There must be room: see `isFull`.
  @inline(__always)
  mutating func capture(_ field: Int32, _ kind: ValueKind, _ text: UnsafePointer<UInt8>, _ length: Int) {
    values.appendToReserved(
      CapturedValue(text: text, length: UInt32(truncatingIfNeeded: length), scope: scope, next: 0, kind: kind)
    )
    let index = UInt32(truncatingIfNeeded: values.count)
    let slot = fields + Int(field)
    if slot.pointee.first == 0 {
      slot.pointee.first = index
      touched.appendToReserved(UInt32(bitPattern: field))
    } else {
      (values.base + Int(slot.pointee.last) - 1).pointee.next = index
    }
    slot.pointee.last = index
    if scope != 0 {
      slot.pointee.isScoped = true
      isScoped = true
    }
  }

  /// Whether there is no room for another value.
  @inline(__always)
  var isFull: Bool { values.count == values.capacity }

  /// Makes room for another value.
  mutating func makeRoom() { values.reserve(values.count &+ 1) }

  /// Captures a string that holds escapes.
  @inline(never)
  mutating func captureEscaped(_ field: Int32, _ text: UnsafePointer<UInt8>, _ length: Int) {
    let start = decoded.count
    Self.unescape(text, length, into: &decoded)
    capture(field, .string, decoded.base + start, decoded.count - start)
  }

  /// Appends the text of a JSON string without its escapes. The escapes have been checked, and the buffer has room.
  static func unescape(_ text: UnsafePointer<UInt8>, _ length: Int, into output: inout GrowBuffer<UInt8>) {
    var scalar: [UInt8] = []
    var index = 0
    func unit(at index: Int) -> UInt32? {
      guard index + 6 <= length, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u") else {
        return nil
      }
      var value: UInt32 = 0
      for offset in 2..<6 {
        guard let digit = JSONEscapes.hexValue(text[index + offset]) else { return nil }
        value = value << 4 | UInt32(digit)
      }
      return value
    }
    while index < length {
      guard text[index] == UInt8(ascii: "\\") else {
        output.append(text[index])
        index += 1
        continue
      }
      if var value = unit(at: index) {
        index += 6
        if value & 0xFC00 == 0xD800, let low = unit(at: index), low & 0xFC00 == 0xDC00 {
          value = 0x10000 + ((value & 0x3FF) << 10) + (low & 0x3FF)
          index += 6
        }
        scalar.removeAll(keepingCapacity: true)
        JSONEscapes.appendScalar(value, to: &scalar)
        for byte in scalar { output.append(byte) }
      } else {
        switch text[index + 1] {
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        default: output.append(text[index + 1])
        }
        index += 2
      }
    }
  }
}
