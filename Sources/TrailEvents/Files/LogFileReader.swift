// Every shape in which CloudTrail records come: a log file's `{"Records":[…]}`, an array, one record, JSON lines of
// records or of EventBridge events; plain or gzip. What a file is, its content says, not its name.
//
// A file is a row of JSON values. An object with a `Records` array, or an array, is entered and its elements are the
// records; any other object is a record itself. Records are handed out as views of the window, so a reader is as fast
// as one strict walk over the bytes. Damage costs as little as possible: what stood before it has been handed out, and
// among lines the next line goes on.

/// Reads the records of one log file.
///
/// Bad input never throws and never stops a caller: ``next()`` goes on where it can, and ``summary`` says what was wrong.
public struct LogFileReader: ~Copyable {
  /// Where the reader stands.
  enum Place {
    case top
    /// In an array of records; `first` is true before the first element.
    case elements(ofObject: Bool, startLine: Int, first: Bool)
    case end
  }

  var window: ByteWindow
  private let input: FileInput
  private let limits: LogFileLimits
  var place = Place.top
  /// How many bytes the record handed out last has; they are consumed by the next call.
  var handedOut = 0
  /// Whether the values so far were lines of their own.
  var sawLine = false
  /// After a bad line: every line is walked by itself, so that a second one cannot swallow the rest of the file.
  private(set) var isLineByLine = false
  /// The part of the window that a matcher has open.
  var openBlock: OpenBlock?
  /// So much text is opened at a time: it and its quotes stay in the processor's cache.
  var blockSize = 128 << 10
  /// Whether objects that are no records are handed out too.
  package var takesEveryObject = false
  /// What has been found so far; complete when ``next()`` has returned nil.
  public internal(set) var summary: LogFileSummary

  /// Opens a file; `-` is standard input.
  ///
  /// - Parameters:
  ///   - onlyRegular: refuse pipes and devices, which may never end.
  ///   - memory: used again by the reader of the next file.
  public init(
    path: String,
    limits: LogFileLimits = LogFileLimits(),
    onlyRegular: Bool = false,
    memory: LogFileMemory? = nil
  ) {
    do throws(FileError) {
      let input = path == "-" ? FileInput(descriptor: 0) : try FileInput(path: path, onlyRegular: onlyRegular)
      self.init(input, name: path, limits: limits, memory: memory)
    } catch {
      self.init(FileInput(bytes: []), name: path, limits: limits)
      summary.isUnreadable = true
      summary.note(error.message)
    }
  }

  /// Reads bytes that are in memory.
  public init(bytes: [UInt8], name: String, limits: LogFileLimits = LogFileLimits()) {
    self.init(FileInput(bytes: bytes), name: name, limits: limits)
  }

  /// Reads a descriptor that the caller owns and closes.
  public init(descriptor: Int32, name: String, limits: LogFileLimits = LogFileLimits()) {
    self.init(FileInput(descriptor: descriptor), name: name, limits: limits)
  }

  init(_ input: FileInput, name: String, limits: LogFileLimits, memory: LogFileMemory? = nil) {
    self.input = input
    self.limits = limits
    window = ByteWindow(input, limits: limits, memory: memory)
    summary = LogFileSummary(file: name)
  }

  /// How many bytes have been read from the file itself (compressed, if it is), for progress.
  public var bytesRead: Int { input.bytesRead }

  /// The next record or event, valid until the next call; nil at the end.
  public mutating func next() -> TrailRecord? {
    window.consume(handedOut)
    handedOut = 0
    while true {
      switch place {
      case .top:
        if let record = nextAtTop() { return record }
      case .elements(let ofObject, let startLine, let first):
        if let record = nextElement(ofObject: ofObject, startLine: startLine, first: first) { return record }
      case .end:
        return nil
      }
    }
  }

  /// Hands every record and event to a closure and returns what the file came to.
  public mutating func forEachRecord<Failure: Error>(
    _ body: (TrailRecord) throws(Failure) -> Void
  ) throws(Failure) -> LogFileSummary {
    while let record = next() { try body(record) }
    return summary
  }
}

// MARK: Values

extension LogFileReader {
  /// Skips white space and returns the next byte, or nothing at the end of the text.
  private mutating func nextByte() -> UInt8? {
    while true {
      let unread = window.unread
      let skipped = RecordWalker(unread).skipWhitespace(0)
      if skipped < unread.count {
        window.consume(skipped)
        return unread[skipped]
      }
      window.consume(skipped)
      if !window.fill() { return nil }
    }
  }

  /// Walks from the first unread byte, getting more bytes as long as the value is not complete.
  private mutating func walk(
    _ attempt: (RecordWalker) throws(WalkFailure) -> RecordWalker.Stop
  ) throws(WalkFailure) -> RecordWalker.Stop {
    while true {
      let unread = isLineByLine ? firstLine() : window.unread
      do {
        return try attempt(RecordWalker(unread))
      } catch .endOfBytes {
        if isLineByLine { throw .endOfBytes }
        guard unread.count < limits.recordSize else { throw .malformed(.tooLarge, at: 0) }
        guard window.fill() else { throw .endOfBytes }
      }
    }
  }

  /// The unread bytes to the end of the line.
  private mutating func firstLine() -> UnsafeRawBufferPointer {
    var searched = 0
    while true {
      let unread = window.unread
      if let end = unread[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        return UnsafeRawBufferPointer(rebasing: unread[..<end])
      }
      searched = unread.count
      guard searched < limits.recordSize, window.fill() else { return window.unread }
    }
  }

  mutating func nextAtTop() -> TrailRecord? {
    if window.offset == 0 { skipByteOrderMark() }
    switch nextByte() {
    case nil:
      finish()
    case UInt8(ascii: "["):
      window.hasBegun = true
      place = .elements(ofObject: false, startLine: window.line, first: true)
      window.consume(1)
    case UInt8(ascii: "{"):
      window.hasBegun = true
      var fields = RecordFields()
      do throws(WalkFailure) {
        let stop = try walk { (walker) throws(WalkFailure) in
          fields = RecordFields()
          return try walker.walk(from: 0, fields: &fields, enteringRecords: true)
        }
        switch stop {
        case .records(let offset):
          place = .elements(ofObject: true, startLine: window.line, first: true)
          window.consume(offset)
        case .end(let end):
          return take(end, fields, isElement: false)
        }
      } catch {
        recover(from: error)
      }
    default:
      recover(from: .malformed(.expectedDocument, at: 0))
    }
    return nil
  }

  mutating func nextElement(ofObject: Bool, startLine: Int, first: Bool) -> TrailRecord? {
    do throws(WalkFailure) {
      guard var byte = nextByte() else { throw .endOfBytes }
      if byte == UInt8(ascii: "]") {
        window.consume(1)
        place = .top
        if ofObject { try skipRestOfObject() }
        return nil
      }
      if !first {
        guard byte == UInt8(ascii: ",") else { throw .malformed(.expectedComma, at: 0) }
        window.consume(1)
        guard let next = nextByte() else { throw .endOfBytes }
        byte = next
      }
      place = .elements(ofObject: ofObject, startLine: startLine, first: false)
      var fields = RecordFields()
      let stop = try walk { (walker) throws(WalkFailure) in
        fields = RecordFields()
        return try walker.walk(from: 0, fields: &fields)
      }
      guard case .end(let end) = stop else { return nil }
      return take(end, fields, isElement: true)
    } catch {
      recover(from: error, inContainerFrom: startLine)
      return nil
    }
  }

  /// Steps over what follows the `Records` array in its object.
  private mutating func skipRestOfObject() throws(WalkFailure) {
    var fields = RecordFields()
    while true {
      let stop = try walk { (walker) throws(WalkFailure) in try walker.walkRest(from: 0, fields: &fields) }
      switch stop {
      case .end(let end):
        window.consume(end)
        return
      case .records:
        throw .malformed(.secondRecords, at: 0)
      }
    }
  }

  /// Hands out the value that ends at an offset if it is a record or an event, else counts what it is.
  private mutating func take(_ end: Int, _ fields: RecordFields, isElement: Bool) -> TrailRecord? {
    let bytes = UnsafeRawBufferPointer(rebasing: window.unread[..<end])
    let record = TrailRecord(bytes: bytes, fields: fields, line: window.line, offset: window.offset)
    if record.isTaken || takesEveryObject && bytes.first == UInt8(ascii: "{") {
      if fields.isEnvelope { summary.envelopes += 1 } else { summary.records += 1 }
      sawLine = true
      handedOut = end
      return record
    }
    if fields.isDigest {
      summary.digests += 1
    } else if let message = FieldText.string(bytes, fields[.message]),
      message.hasPrefix("CloudTrail validation message")
    {
      summary.validationMessages += 1
    } else {
      summary.rejected += 1
      let usual =
        isElement
        ? "is not a CloudTrail record, and is skipped; \(LogFileRemedy.nameLogs)"
        : "is neither a CloudTrail log nor a record nor an EventBridge event, and is skipped; \(LogFileRemedy.nameLogs)"
      let known =
        ForeignDocument.name(of: bytes).map {
          "is \($0), not a CloudTrail record, and is skipped; \(LogFileRemedy.nameLogs)"
        }
        ?? record.incompleteEvent.map { "\($0), and is skipped; \(LogFileRemedy.completeEvent)" }
      summary.note(
        known ?? usual,
        line: window.line,
        offset: window.offset
      )
    }
    window.consume(end)
    giveUpIfBarren()
    return nil
  }

  private mutating func skipByteOrderMark() {
    while window.unread.count < 3, window.fill() {}
    if window.unread.starts(with: [0xEF, 0xBB, 0xBF]) { window.consume(3) }
  }
}

// MARK: Damage

extension LogFileReader {
  /// Reads no further in a compressed file that holds a lot and no record.
  private mutating func giveUpIfBarren() {
    guard summary.delivered == 0, window.offset > limits.idleSize, window.isSuspicious else { return }
    window.giveUp(
      "no record in its first \(limits.idleSize >> 20) MiB of text: it is no log, and is given up; \(LogFileRemedy.nameLogs)"
    )
  }

  /// Reports a failure and goes on with the next line, if that makes sense, else ends the file.
  private mutating func recover(from failure: WalkFailure, inContainerFrom startLine: Int? = nil) {
    // Enough to see what the text begins with.
    if startLine == nil, !sawLine { while window.unread.count < 32, window.fill() {} }
    let unread = window.unread
    if window.offset == 0, startLine == nil, let kind = FileSignature.name(of: unread) {
      return reject(kind, at: nil, goOn: false)
    }
    if startLine == nil, unread.starts(with: Array("CloudTrail validation message".utf8)) {
      summary.validationMessages += 1
      place = .end
      return
    }
    let (message, index): (String, Int) =
      switch failure {
      case .malformed(let problem, let offset): ("\(problem.rawValue); \(problem.remedy)", offset)
      case .endOfBytes: endOfBytes()
      }
    if failure == .endOfBytes, !isLineByLine, window.damage != nil {
      // The cause is reported at the end.
      return finish()
    }
    let failedLine = window.line(at: index)
    if case .malformed(.tooLarge, _) = failure, window.isSuspicious {
      // A compressed file of a few megabytes can hold terabytes of this.
      return reject(
        "\(StaticProblem.tooLarge.rawValue), compressed as no log is: the file is given up; \(LogFileRemedy.nameLogs)",
        at: index,
        goOn: false
      )
    }
    if let startLine {
      // Inside a document of several lines, a line does not stand for itself.
      reject(message, at: index, goOn: startLine == failedLine)
      return
    }
    // A value that began on this line: does the line stand for itself?
    let lineEnd = firstLine().count
    let standsAlone = sawLine || byte(at: lineEnd + 1) == UInt8(ascii: "{")
    reject(message, at: standsAlone ? min(index, lineEnd) : index, goOn: true)
  }

  /// What to say of a value without an end, and where it stops. Among lines that is the end of the line: to go to the end of
  /// what is in memory for each of them would take forever.
  private mutating func endOfBytes() -> (message: String, index: Int) {
    let end = isLineByLine ? firstLine().count : window.unread.count
    return end < window.unread.count
      ? ("the line ends before the JSON value does; each line holds one whole value", end)
      : ("the text ends before the JSON value does: the file is cut off; \(LogFileRemedy.copyAgain)", end)
  }

  /// An unread byte, if the text goes that far.
  private mutating func byte(at index: Int) -> UInt8? {
    while window.unread.count <= index { if !window.fill() { return nil } }
    return window.unread[index]
  }

  private mutating func reject(_ message: String, at index: Int?, goOn: Bool) {
    summary.rejected += 1
    if let index {
      summary.note(message, line: window.line(at: index), offset: window.offset + index)
    } else {
      summary.note(message)
    }
    guard goOn else {
      place = .end
      summary.isUnreadable = window.hasReadFailed
      summary.isDamaged = window.damage != nil && !window.hasReadFailed
      return
    }
    place = .top
    isLineByLine = true
    giveUpIfBarren()
    skipToNextLine()
  }

  /// Steps over this line; and, in what never looked like JSON lines, over all lines that do not begin an object.
  private mutating func skipToNextLine() {
    repeat {
      let line = firstLine().count
      window.consume(line)
      guard !window.unread.isEmpty || window.fill() else { return }
      window.consume(1)
      if window.unread.isEmpty, !window.fill() { return }
    } while !sawLine && window.unread[0] != UInt8(ascii: "{")
  }

  /// Ends the file, and says so if that was too early.
  private mutating func finish() {
    place = .end
    guard let damage = window.damage else { return }
    if window.hasReadFailed { summary.isUnreadable = true } else { summary.isDamaged = true }
    summary.rejected += 1
    summary.note(damage, line: window.line, offset: window.offset + window.unread.count, isLast: true)
  }
}
