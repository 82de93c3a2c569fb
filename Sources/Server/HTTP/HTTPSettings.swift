// Where the API listens and what it takes.

/// How the API is served.
public struct HTTPSettings: Sendable, Hashable {
  /// A certificate and its key, as PEM files.
  public struct TLS: Sendable, Hashable {
    /// The certificate, and those that it was signed with.
    public var certificate: String
    /// The private key.
    public var key: String

    /// Names the files.
    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// The address or name to listen on.
  public var host: String
  /// The port; 0 for one that the system chooses.
  public var port: Int
  /// The certificate; HTTP without TLS if nil.
  public var tls: TLS?
  /// Whether callers must sign what they send.
  public var checksSignatures: Bool
  /// Whether to listen without TLS where others can reach it.
  public var allowsPlainRemote: Bool
  /// The largest body of a request, in bytes, as it comes and after it was inflated.
  public var largestBody: Int
  /// How much memory the bodies of all requests may take together, in bytes.
  public var bodyMemory: Int
  /// The most connections at a time; more wait.
  public var mostConnections: Int
  /// How long a connection may be silent.
  public var idleTimeout: Duration
  /// How long the parts of one request may take to arrive.
  public var requestTimeout: Duration

  /// Makes settings.
  public init(
    host: String = "127.0.0.1",
    port: Int = 4010,
    tls: TLS? = nil,
    checksSignatures: Bool = true,
    allowsPlainRemote: Bool = false,
    largestBody: Int = 8 << 20,
    bodyMemory: Int = 128 << 20,
    mostConnections: Int = 1024,
    idleTimeout: Duration = .seconds(60),
    requestTimeout: Duration = .seconds(60)
  ) {
    self.host = host
    self.port = port
    self.tls = tls
    self.checksSignatures = checksSignatures
    self.allowsPlainRemote = allowsPlainRemote
    self.largestBody = largestBody
    self.bodyMemory = bodyMemory
    self.mostConnections = mostConnections
    self.idleTimeout = idleTimeout
    self.requestTimeout = requestTimeout
  }

  /// Whether only programs on this machine can reach the address.
  public var isLoopback: Bool {
    host == "localhost" || host == "::1"
      || host.hasPrefix("127.")
        && host.split(separator: ".").count == 4 && host.allSatisfy { $0 == "." || $0.isWholeNumber }
  }

  /// What is not safe about the settings and was not asked for; nothing if all is well.
  public var refusal: String? {
    if !isLoopback, !checksSignatures {
      return "\(host) can be reached from other machines, so signatures have to be checked: leave out "
        + "--no-signature-check, or listen on 127.0.0.1."
    }
    if !isLoopback, tls == nil, !allowsPlainRemote {
      return "\(host) can be reached from other machines, and without a certificate everybody on the way can read what "
        + "is sent: name --tls-certificate and --tls-key, or say --allow-plain-http."
    }
    if !(0...65_535).contains(port) { return "A port is a number from 0 to 65535, and \(port) is none." }
    return nil
  }
}
