// Watches the requests of a connection: keeps them to their time (`RequestPace`), answers what is no HTTP, and tells work
// that waits when its client is gone.

internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes

/// Watches the requests of a connection, or of a stream of HTTP/2.
final class RequestWatch: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// How long a client may take.
  struct Patience: Sendable {
    /// For a head, from the answer before.
    var head: TimeAmount
    /// For a body, from its head.
    var body: TimeAmount
    /// For the rest of a body that nobody wants.
    var lingering: TimeAmount
  }

  /// What a client is told of whose request nothing can be made.
  typealias Complaint = @Sendable (HTTPParserError) -> (head: HTTPResponse, body: ByteBuffer)

  private let patience: Patience
  /// The answer to what cannot be read.
  private let complaint: Complaint
  private var pace: RequestPace
  private var timer: Scheduled<Void>?
  private var fault: HTTPParserError?
  private var isGone = false
  private var departure: (@Sendable () -> Void)?

  init(_ patience: Patience, lingeringBytes: Int, complaint: @escaping Complaint) {
    self.patience = patience
    self.complaint = complaint
    pace = RequestPace(lingeringBytes: lingeringBytes)
  }

  // MARK: Departures

  /// Calls back when the client is gone, or has said that it will send nothing more, or the server stops; at once if that
  /// was before. One at a time: a connection, or a stream, has one request under way.
  func whenGone(_ callback: @escaping @Sendable () -> Void) {
    departure = callback
    if isGone { tellDeparture() }
  }

  private func noteDeparture() {
    isGone = true
    tellDeparture()
  }

  private func tellDeparture() {
    departure?()
    departure = nil
  }

  // MARK: The connection

  func handlerAdded(context: ChannelHandlerContext) { perform(pace.opened(), context) }

  func handlerRemoved(context: ChannelHandlerContext) {
    stopTimer()
    noteDeparture()
  }

  func channelInactive(context: ChannelHandlerContext) {
    stopTimer()
    noteDeparture()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed: noteDeparture()
    // Who waits for something that may come is told that nothing has; the server stops.
    case is ChannelShouldQuiesceEvent: tellDeparture()
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // In the middle of a body the reader of the body has to know. Between requests there is nobody to tell the client.
    guard let error = error as? HTTPParserError, !pace.isInRequest else { return context.fireErrorCaught(error) }
    fault = error
    if !pace.hasUnanswered { complain(error, context) }
  }

  private func complain(_ fault: HTTPParserError, _ context: ChannelHandlerContext) {
    let channel = context.channel
    let complaint = complaint(fault)
    context.write(wrapOutboundOut(.head(complaint.head)), promise: nil)
    context.write(wrapOutboundOut(.body(complaint.body)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
  }

  // MARK: Requests and answers

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): perform(pace.readHead(closes: Self.closes(head.headerFields)), context)
    case .body(let buffer): perform(pace.readBody(buffer.readableBytes), context)
    case .end: perform(pace.readEnd(), context)
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    perform(pace.readComplete(), context)
    context.fireChannelReadComplete()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let head):
      pace.wroteHead(closes: Self.closes(head.headerFields))
      context.write(data, promise: promise)
    case .body: context.write(data, promise: promise)
    case .end:
      departure = nil
      let action = pace.wroteEnd()
      guard action == .close else {
        context.write(data, promise: promise)
        if let fault, !pace.hasUnanswered { return complain(fault, context) }
        return perform(action, context)
      }
      // Only when the answer has left: closing throws away what has not.
      let channel = context.channel
      let written = promise ?? context.eventLoop.makePromise()
      written.futureResult.whenComplete { _ in channel.close(promise: nil) }
      context.write(data, promise: written)
    }
  }

  private static func closes(_ fields: HTTPFields) -> Bool { fields[.connection]?.lowercased() == "close" }

  // MARK: Effects

  private func perform(_ action: RequestPace.Action, _ context: ChannelHandlerContext) {
    switch action {
    case .nothing: break
    case .rest: stopTimer()
    case .close: context.channel.close(promise: nil)
    case .giveUpBody: context.fireErrorCaught(BodyRefusal.tooSlow)
    case .wait(let wait):
      stopTimer()
      let time =
        switch wait {
        case .head: patience.head
        case .body: patience.body
        case .lingering: patience.lingering
        }
      timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
        self.timer = nil
        self.perform(self.pace.timeIsUp(), context)
      }
    }
  }

  private func stopTimer() {
    timer?.cancel()
    timer = nil
  }
}
