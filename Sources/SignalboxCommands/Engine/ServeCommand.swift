// `signalbox serve`: the engine with AWS's APIs in front of it, for unmodified AWS clients.

internal import ArgumentParser
internal import Server

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve AWS's APIs on this machine, with rules from files beside those made through the API.",
    discussion: """
      Unmodified AWS clients work with it: set AWS_ENDPOINT_URL. At the first start a root access key is made, kept in \
      the data directory (mode 0600) and printed; SIGNALBOX_ROOT_ACCESS_KEY_ID and SIGNALBOX_ROOT_SECRET_ACCESS_KEY set \
      another. Every call becomes a CloudTrail record that rules match like any other event. SIGTERM ends it.

      Examples:
        signalbox serve --data data --rules rules
        AWS_ENDPOINT_URL=http://127.0.0.1:4010 aws sts get-caller-identity
      """
  )

  @Option(help: ArgumentHelp("The data directory. The default is the settings file's, or `data`.", valueName: "folder"))
  var data: String?

  @Option(help: ArgumentHelp("A folder or file with rules; may come more than once.", valueName: "path"))
  var rules: [String] = []

  @Option(help: ArgumentHelp("The address to listen on. The default is 127.0.0.1.", valueName: "address"))
  var host: String?

  @Option(help: ArgumentHelp("The port to listen on. The default is 4010; 0 takes a free one.", valueName: "number"))
  var port: Int?

  @Option(help: ArgumentHelp("A settings file.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("A certificate (PEM): serve HTTPS, with HTTP/1.1 and HTTP/2.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The certificate's private key (PEM).", valueName: "file"))
  var tlsKey: String?

  @Flag(help: "Listen without TLS on an address that other machines can reach.")
  var allowPlainHttp = false

  @Flag(help: "Believe every caller; only on a loopback address.")
  var noSignatureCheck = false

  func run() async throws {
    let console = Console.current
    var configuration = SignalboxConfiguration.standard
    var settings = ServeSettings()
    if let config {
      configuration = try SettingsFile.load(config)
      settings = configuration.serve
    }
    if let data { configuration.dataDirectory = data }
    if !rules.isEmpty { configuration.rules = rules }
    if let host { settings.http.host = host }
    if let port { settings.http.port = port }
    if allowPlainHttp { settings.http.allowsPlainRemote = true }
    if noSignatureCheck { settings.http.checksSignatures = false }
    switch (tlsCertificate, tlsKey) {
    case (let certificate?, let key?): settings.http.tls = .init(certificate: certificate, key: key)
    case (nil, nil): break
    default: throw CommandFailure(.usage, "--tls-certificate and --tls-key go together: name both files.")
    }
    if let refusal = settings.http.refusal { throw CommandFailure(.usage, refusal) }
    settings.onReady = { Self.greet($0, console) }
    let options = EngineOptions(version: SignalboxCommand.versionNumber, serve: settings)
    let report: EngineReport
    do {
      report = try await Engine.run(configuration: configuration, options: options)
    } catch let refusal as RuleRefusal {
      console.say(refusal.description)
      throw refusal.isAboutRules ? ExitStatus.invalid : .usage
    } catch let error as ListenerError {
      throw CommandFailure(.usage, error.description)
    }
    if !EngineLog.isStalled { console.say(RunCommand.summary(report)) }
  }

  private static func greet(_ greeting: ServeGreeting, _ console: Console) {
    if let file = greeting.newKeyFile, let lines = greeting.newKeyLines {
      console.say("A root access key was made and written to \(file); a shell needs these lines:")
      console.say(lines + "export AWS_DEFAULT_REGION=\(greeting.region)\nexport AWS_ENDPOINT_URL=\(greeting.endpoint)")
    } else if let file = greeting.keyFile, !greeting.isOpen {
      console.say("the root access key is in \(file)")
    }
    if greeting.isOpen { console.say("warning: signatures are not checked; use this for experiments only") }
    console.say("signalbox serves AWS's APIs at \(greeting.endpoint)")
  }
}
