// The socket: HTTP/1.1, and with a certificate HTTP/2, too. Limits on headers, connections and silence are the
// server's; those on bodies are the responder's.

internal import AWSProtocols
internal import Foundation
internal import HTTPTypes
internal import HummingbirdCore
internal import HummingbirdHTTP2
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Why the API cannot be served.
public struct ListenerError: Error, Sendable, CustomStringConvertible {
  /// What was wrong, where, and what to do.
  public let description: String
}

/// A socket that answers requests.
struct HTTPListener: Sendable {
  /// Serves until it is told to stop.
  private let running: @Sendable () async throws -> Void
  private let stopping: @Sendable () async throws -> Void
  private let settings: HTTPSettings
  private let connections = OpenConnections()

  /// - Parameter onReady: told the port when requests are taken.
  init(
    _ settings: HTTPSettings,
    _ responder: APIResponder,
    logger: Logger,
    onReady: @escaping @Sendable (Int) async -> Void
  ) throws(ListenerError) {
    self.settings = settings
    let patience = RequestWatch.Patience(
      head: TimeAmount(settings.idleTimeout + settings.requestTimeout),
      body: TimeAmount(settings.requestTimeout),
      lingering: TimeAmount(min(.seconds(5), settings.requestTimeout))
    )
    let stream = HTTP1Channel.Configuration(
      additionalChannelHandlers: [
        // Two of the largest bodies: who is told that a body is too large has often sent it already.
        RequestWatch(patience, lingeringBytes: settings.largestBody * 2, complaint: Self.complaint)
      ],
      idleTimeout: TimeAmount(settings.idleTimeout),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: Self.largestHeader,
        maxHeaderListSize: Self.largestHead,
        maxHeaderFieldCount: Self.mostHeaders
      )
    )
    // Hummingbird says what every connection does; of that, only what went wrong is for our log.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let connections = connections
    func make(_ channel: some ServerChildChannel) -> (
      @Sendable () async throws -> Void, @Sendable () async throws -> Void
    ) {
      let server = Server(
        childChannelSetup: CountedChannel(base: channel, connections: connections),
        configuration: ServerConfiguration(
          address: .hostname(settings.host, port: settings.port),
          availableConnectionsDelegate: MaximumAvailableConnections(settings.mostConnections, logger: quiet)
        ),
        onServerRunning: { await onReady($0.localAddress?.port ?? settings.port) },
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        logger: quiet
      )
      return ({ try await server.run() }, { try await server.shutdownGracefully() })
    }
    if let tls = settings.tls {
      do {
        let certificates = try NIOSSLCertificate.fromPEMFile(tls.certificate)
        let key = try NIOSSLPrivateKey(file: tls.key, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
          certificateChain: certificates.map { .certificate($0) },
          privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        let channel = try HTTP2UpgradeChannel(
          tlsConfiguration: configuration,
          configuration: .init(idleTimeout: settings.idleTimeout, streamConfiguration: stream),
          responder: responder.respond
        )
        (running, stopping) = make(channel)
      } catch {
        throw ListenerError(
          description:
            "\(tls.certificate), \(tls.key): the certificate cannot be used: \(error). Both files are PEM, and "
            + "the key belongs to the first certificate."
        )
      }
    } else {
      (running, stopping) = make(HTTP1Channel(responder: responder.respond, configuration: stream))
    }
  }

  /// Serves until `stop`.
  func run() async throws {
    do {
      try await running()
    } catch let error as IOError {
      let reason = error.errnoCode == EADDRINUSE ? "the port is in use; name another with --port" : "\(error)"
      throw ListenerError(description: "\(settings.host):\(settings.port) cannot be listened on: \(reason)")
    }
  }

  /// Takes no new requests; answers those that are there, for as long as `grace` lasts.
  func stop(within grace: Duration) async {
    await withTaskGroup { group in
      group.addTask { try? await stopping() }
      group.addTask {
        // Who has not had his answer by now gets none; that ends the stop, too.
        guard (try? await Task.sleep(for: grace)) != nil else { return }
        connections.closeAll()
      }
      await group.next()
      group.cancelAll()
    }
  }

  private static let mostHeaders = 200
  private static let largestHeader = 32 << 10
  private static let largestHead = 64 << 10

  /// What is told to a client that does not speak HTTP, or says too much before it comes to the matter: the code is
  /// S3's, the only service that has one for that.
  @Sendable
  private static func complaint(_ fault: HTTPParserError) -> (head: HTTPResponse, body: ByteBuffer) {
    let error =
      switch fault {
      case .headerOverflow:
        AWSError(
          "RequestHeaderSectionTooLarge",
          "The head of the request is too large: it may have \(mostHeaders) headers, \(largestHead >> 10) KB in all, and "
            + "\(largestHeader >> 10) KB in one of them or in the path with its query string."
        )
      default: AWSError("MalformedHttpRequestException", "This is not a request of HTTP.")
      }
    let response = AnswerFormat.restJSON.response(error, requestID: "")
    var fields = HTTPFields()
    // There was no request that an id could be for.
    for (name, value) in response.headers.entries where !value.isEmpty {
      if let name = HTTPField.Name(name) { fields[name] = value }
    }
    fields[.contentLength] = String(response.body.count)
    fields[.connection] = "close"
    return (HTTPResponse(status: .badRequest, headerFields: fields), ByteBuffer(bytes: response.body))
  }
}
