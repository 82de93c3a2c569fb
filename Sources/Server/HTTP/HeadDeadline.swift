// A client that sends the head of its request letter by letter is never silent, so the idle timeout does not see it. From
// the answer before (or from the connection's beginning) there is only so much time until the next head is there.

internal import NIOCore

/// Closes a connection on which no whole request comes in time.
final class HeadDeadline: ChannelDuplexHandler, RemovableChannelHandler {
  // What comes through here is looked at by nobody: that something comes is all that counts.
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let time: TimeAmount
  private var end: Scheduled<Void>?

  init(_ time: TimeAmount) { self.time = time }

  func handlerAdded(context: ChannelHandlerContext) { begin(context) }

  func handlerRemoved(context: ChannelHandlerContext) { cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    cancel()
    context.fireChannelInactive()
  }

  /// Behind the decoder, the first that comes of a request is its whole head.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    cancel()
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    begin(context)
    context.write(data, promise: promise)
  }

  private func begin(_ context: ChannelHandlerContext) {
    cancel()
    let channel = context.channel
    end = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
  }

  private func cancel() {
    end?.cancel()
    end = nil
  }
}
