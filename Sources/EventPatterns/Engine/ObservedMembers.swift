// Members whose text somebody wants to know apart from all rules. The walk comes by them anyway: they have nodes in the
// trie, and what is found there is noted here.

/// A member as it was found.
package enum ObservedMember {
  case absent
  /// Once, as a string without escapes: the bytes between its quotes, in the text that was read.
  case plain(UnsafeRawBufferPointer)
  /// Anything else: another kind of value, several of them, escapes.
  case unusual
}

/// What was found of the observed members of one object.
struct ObservedMembers {
  private struct Slot: BitwiseCopyable {
    var text: UnsafePointer<UInt8>?
    var length = 0
    var isUnusual = false
  }

  private let slots: UnsafeMutablePointer<Slot>
  private let count: Int
  /// Whether a name that leads to one of them was written with escapes.
  var hasEscapedName = false

  init(count: Int) {
    self.count = count
    slots = .allocate(capacity: max(count, 1))
    slots.initialize(repeating: Slot(), count: max(count, 1))
  }

  func free() { slots.deallocate() }

  mutating func reset() {
    slots.update(repeating: Slot(), count: count)
    hasEscapedName = false
  }

  func note(_ member: Int, _ kind: ValueKind, _ text: UnsafePointer<UInt8>, _ length: Int) {
    let slot = slots + member
    if kind != .string || slot.pointee.text != nil { slot.pointee.isUnusual = true }
    slot.pointee.text = text
    slot.pointee.length = length
  }

  func noteUnusual(_ member: Int) { slots[member].isUnusual = true }

  /// What was found of a member.
  func member(_ member: Int, mayHaveEscapes: Bool) -> ObservedMember {
    let slot = slots[member]
    if slot.isUnusual { return .unusual }
    guard let text = slot.text else { return .absent }
    // The strings of an array come by as values of the member, too: what stands before the opening quote tells.
    var before = text - 2
    while isBlank(before.pointee) { before -= 1 }
    guard before.pointee == UInt8(ascii: ":"),
      !mayHaveEscapes || !holds(UInt8(ascii: "\\"), in: text, slot.length)
    else { return .unusual }
    return .plain(UnsafeRawBufferPointer(start: text, count: slot.length))
  }
}
