import Delivery
import EventPatterns
import Foundation
import Glibc
import RuleFiles
import Testing

@testable import Targets

private let shellPath = "/usr/local/bin:/usr/bin:/bin"

/// A script in a folder of its own, run for one test.
private struct Script {
  let folder: TemporaryFolder
  let file: String

  init(_ text: String) throws {
    folder = try TemporaryFolder()
    file = try folder.write("action.sh", "#!/bin/sh\n" + text, mode: 0o755)
  }

  func action(
    _ processes: ProcessSupervisor,
    parameters: [ParameterRule] = [],
    _ change: (inout ProcessAction.Settings) -> Void = { _ in }
  ) -> ProcessAction {
    var settings = ProcessAction.Settings(script: file, interpreter: [], id: "close", parameters: parameters)
    settings.environment = [("PATH", shellPath)]
    change(&settings)
    // The folder has to live as long as the action.
    let arguments = settings.arguments
    settings.arguments = { [folder] plan throws(DeliveryFailure) in
      try withExtendedLifetime(folder) { () throws(DeliveryFailure) in try arguments(plan) }
    }
    return ProcessAction(settings: settings, processes: processes)
  }
}

/// A supervisor for one test.
private func withProcesses(_ body: (ProcessSupervisor) async throws -> Void) async throws {
  let processes = try ProcessSupervisor()
  do {
    try await body(processes)
  } catch {
    await processes.shutdown()
    throw error
  }
  await processes.shutdown()
}

private func isAlive(_ pid: pid_t) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
  // A zombie that its new parent has not yet collected is dead.
  return !status.contains(") Z")
}

@Suite struct ProcessActionTests {
  @Test func aScriptFindsEventAndValues() async throws {
    try await withProcesses { processes in
      let script = try Script("cat; printf '\\n'; pwd; env | sort")
      let rules = [try ParameterRule(name: "bucket-name"), try ParameterRule(name: "n", defaultValue: "7")]
      let action = script.action(processes, parameters: rules) { $0.environment.append(("REGION", "eu-1")) }
      let receipt = try await action.deliver(request(parameters: [("bucket-name", "reports")], attempt: 3))
      #expect(receipt.summary == "exit 0")
      let lines = receipt.output.split(separator: "\n").map(String.init)
      #expect(lines.first == #"{"id":"e-1","account":"111122223333"}"#)
      #expect(lines.dropFirst().first == script.folder.path)
      let variables = lines.dropFirst(2).filter {
        !$0.hasPrefix("PWD=") && !$0.hasPrefix("SHLVL=") && !$0.hasPrefix("_=")
      }
      #expect(
        Array(variables) == [
          "PARAM_BUCKET_NAME=reports", "PARAM_N=7", "PATH=\(shellPath)", "REGION=eu-1", "SIGNALBOX_ATTEMPT=3",
          "SIGNALBOX_DELIVERY_ID=dlv-0123456789abcdef0123456789abcdef", "SIGNALBOX_EVENT_ID=e-1",
          "SIGNALBOX_RULE_ID=rule-1", "SIGNALBOX_STEP_ID=step-1",
        ]
      )
    }
  }

  @Test func aLargeEventIsReadWhole() async throws {
    try await withProcesses { processes in
      let script = try Script("wc -c")
      let event = String(repeating: "x", count: 3_000_000)
      let receipt = try await script.action(processes).deliver(request(event: event))
      #expect(receipt.output == "3000000\n")
    }
  }

  @Test func aProgramThatReadsNothingIsNoFailure() async throws {
    try await withProcesses { processes in
      let event = String(repeating: "x", count: 1_000_000)
      let receipt = try await Script("exit 0").action(processes).deliver(request(event: event))
      #expect(receipt.summary == "exit 0")
    }
  }

  static let hostileValues = [
    "; rm -rf /", "$(touch /tmp/x)", "`id`", "a\nb", "'\"", "a b  c", "*", "~", "${PATH}", "\\", "|cat", "&", "> x",
    "é→🙂",
    "<bucket>", "%s%n", "",
  ]

  @Test(arguments: hostileValues)
  func valuesArriveVerbatim(_ value: String) async throws {
    try await withProcesses { processes in
      let folder = try TemporaryFolder()
      defer { withExtendedLifetime(folder) {} }
      let rules = [try ParameterRule(name: "value")]
      let argv = ["printf", "[%s]", "<value>", "--name=<value>"]
      var settings = try ProcessAction.Settings(
        command: argv.map { try Template(parsing: $0) },
        id: "show",
        parameters: rules,
        directory: folder.path
      )
      settings.environment = [("PATH", shellPath)]
      let action = ProcessAction(settings: settings, processes: processes)
      let plan = JSONValue.members(["argv": .array(["printf", "[%s]", value, "--name=\(value)"].map { .string($0) })])
      let receipt = try await action.deliver(request(payload: plan.text, parameters: [("value", value)]))
      #expect(receipt.output == "[\(value)][--name=\(value)]")

      let script = try Script(#"printf '%s' "$PARAM_VALUE""#)
      let second = try await script.action(processes, parameters: rules).deliver(
        request(parameters: [("value", value)])
      )
      #expect(second.output == value)
    }
  }

  @Test(
    arguments: [
      ("exit 0", nil, nil), ("exit 1", false, true), ("exit 75", true, true), ("exit 255", false, true),
      ("kill -SEGV $$", false, true),
    ] as [(String, Bool?, Bool?)]
  )
  func endingsDecide(_ text: String, _ isRetryable: Bool?, _ whenIdempotent: Bool?) async throws {
    try await withProcesses { processes in
      let script = try Script("echo out; echo err >&2; \(text)")
      for (isIdempotent, expected) in [(false, isRetryable), (true, whenIdempotent)] {
        let failure = await failure(of: script.action(processes) { $0.isIdempotent = isIdempotent }, request())
        #expect(failure?.isRetryable == expected)
        #expect(failure == nil || failure?.output == "out\n\n[stderr]\nerr\n")
      }
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["", "trap '' TERM;"])
  func aTimeoutEndsTheWholeGroup(_ trap: String) async throws {
    try await withProcesses { processes in
      let script = try Script("\(trap) sleep 600 & echo $! $$; sleep 600; wait")
      let action = script.action(processes) {
        $0.timeout = .milliseconds(200)
        $0.grace = .milliseconds(100)
      }
      let failure = try #require(await failure(of: action, request()))
      #expect(failure.code == .timeout)
      #expect(!failure.isRetryable)
      let pids = failure.output.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
      #expect(pids.count == 2)
      // The orphaned grandchild has been sent SIGKILL; it is gone as soon as the kernel gets to it.
      for pid in pids {
        var rounds = 0
        while isAlive(pid), rounds < 10_000 {
          sched_yield()
          rounds += 1
        }
        #expect(!isAlive(pid))
      }
    }
  }

  @Test func whatAProgramLeavesBehindIsEnded() async throws {
    try await withProcesses { processes in
      let receipt = try await Script("sleep 600 & echo $!").action(processes).deliver(request())
      let pid = try #require(pid_t(receipt.output.trimmingCharacters(in: .whitespacesAndNewlines)))
      var rounds = 0
      while isAlive(pid), rounds < 10_000 {
        sched_yield()
        rounds += 1
      }
      #expect(!isAlive(pid))
    }
  }

  @Test(.timeLimit(.minutes(1))) func cancellingEndsARun() async throws {
    try await withProcesses { processes in
      let script = try Script("echo > started; sleep 600")
      let action = script.action(processes) { $0.timeout = .seconds(600) }
      let task = Task { await failure(of: action, request()) }
      while !script.folder.exists("started") { await Task.yield() }
      task.cancel()
      let found = await task.value
      #expect(found?.isRetryable == true)
      #expect(found?.code == .internalError)
    }
  }

  @Test(.timeLimit(.minutes(1))) func shuttingDownEndsRunsAndRefusesNewOnes() async throws {
    let processes = try ProcessSupervisor()
    let script = try Script("echo > started; sleep 600")
    let action = script.action(processes) { $0.timeout = .seconds(600) }
    let task = Task { await failure(of: action, request()) }
    while !script.folder.exists("started") { await Task.yield() }
    await processes.shutdown()
    #expect(await task.value?.isRetryable == true)
    #expect(await failure(of: action, request())?.isRetryable == true)
    await processes.shutdown()
  }

  @Test func floodsOfOutputAreCut() async throws {
    try await withProcesses { processes in
      let script = try Script("yes | head -c 5000000; yes no | head -c 3000000 >&2")
      let receipt = try await script.action(processes) { $0.outputCap = 1000 }.deliver(request())
      #expect(receipt.output.contains("[4999000 more bytes left out]"))
      #expect(receipt.output.contains("[2999000 more bytes left out]"))
      #expect(receipt.output.utf8.count < 2200)
    }
  }

  @Test func whoeverAsksForTheAnswerGetsTheOutputAsItIs() async throws {
    try await withProcesses { processes in
      let script = try Script("yes | head -c 5000; echo no >&2")
      var request = request()
      let action = script.action(processes) { $0.outputCap = 1000 }
      #expect(try await action.deliver(request).answer.isEmpty)
      request.answerLimit = 4000
      let receipt = try await action.deliver(request)
      #expect(receipt.answer == Array(String(repeating: "y\n", count: 2000).utf8))
      #expect(receipt.output.contains("[4000 more bytes left out]\n[stderr]\nno"))
    }
  }

  @Test func aSecretThatTheCapCutsIsTakenOut() async throws {
    try await withProcesses { processes in
      let script = try Script("printf 'key: hunter2-hunter2\\n'; printf 'key: hunter2-hunter2\\n' >&2")
      let action = script.action(processes) {
        $0.secrets = ["hunter2-hunter2"]
        $0.outputCap = 12
      }
      let output = try await action.deliver(request()).output
      #expect(!output.contains("hunt"))
      #expect(output.components(separatedBy: "key: [secret]\n[9 more bytes left out]").count == 3)
    }
  }

  @Test func aSecretThatTheTimeoutCutsIsTakenOut() async throws {
    try await withProcesses { processes in
      let script = try Script("printf 'key: hunter2'; exec sleep 600")
      let action = script.action(processes) {
        $0.secrets = ["hunter2-hunter2"]
        $0.timeout = .milliseconds(500)
      }
      #expect(await failure(of: action, request())?.output == "key: [secret]")
    }
  }

  @Test func secretsAndControlCharactersAreTakenOutOfOutput() async throws {
    try await withProcesses { processes in
      let script = try Script(#"printf '%s \033[31m\000 %s' "$TOKEN" "$TOKEN" >&2; exit 1"#)
      let action = script.action(processes) {
        $0.environment.append(("TOKEN", "hunter2hunter2"))
        $0.secrets = ["hunter2hunter2"]
      }
      let failure = await failure(of: action, request())
      #expect(failure?.output == "[stderr]\n[secret] \u{FFFD}[31m\u{FFFD} [secret]")
    }
  }

  @Test func noDescriptorIsInheritedAndNoneIsLeaked() async throws {
    try await withProcesses { processes in
      let script = try Script("ls /proc/self/fd | tr '\\n' ' '")
      let action = script.action(processes)
      // 3 is the folder that `ls` itself has open.
      let receipt = try await action.deliver(request())
      #expect(receipt.output == "0 1 2 3 ")
    }
  }

  @Test(.timeLimit(.minutes(1))) func fiftyAtOnce() async throws {
    try await withProcesses { processes in
      let script = try Script(#"read -r line; echo "$PARAM_N $line""#)
      let action = script.action(processes, parameters: [try ParameterRule(name: "n", type: .integer)])
      await withTaskGroup(of: (Int, String?).self) { group in
        for index in 0..<50 {
          group.addTask {
            let result = await outcome(
              of: action,
              request(event: "event-\(index)\n", parameters: [("n", String(index))])
            )
            return (index, try? result.get().output)
          }
        }
        for await (index, output) in group { #expect(output == "\(index) event-\(index)\n") }
      }
    }
  }

  @Test func programsThatCannotStartFailForGoodAndSayWhy() async throws {
    try await withProcesses { processes in
      let folder = try TemporaryFolder()
      defer { withExtendedLifetime(folder) {} }
      try folder.write("plain.sh", "#!/bin/sh\n")
      try folder.write("lost.sh", "#!/no/such/interpreter\n", mode: 0o755)
      try folder.write("text.sh", "echo hello\n", mode: 0o755)
      let cases: [([String], DeliveryFailure.Code, String)] = [
        (["no-such-program-here"], .noResource, "not found in \(shellPath)"),
        (["./missing.sh"], .noResource, "does not exist"),
        (["./plain.sh"], .noPermissions, "chmod +x"),
        (["./lost.sh"], .noResource, "interpreter"),
        (["./text.sh"], .noResource, "#!/bin/sh"),
        (["/"], .noResource, "not a file"),
      ]
      for (argv, code, words) in cases {
        var settings = try ProcessAction.Settings(
          command: argv.map { try Template(parsing: $0) },
          id: "x",
          parameters: [],
          directory: folder.path
        )
        settings.environment = [("PATH", shellPath)]
        settings.isIdempotent = true
        let plan = JSONValue.members(["argv": .array(argv.map { .string($0) })]).text
        let failure = await failure(
          of: ProcessAction(settings: settings, processes: processes),
          request(payload: plan)
        )
        #expect(failure?.code == code, "\(argv)")
        #expect(failure?.isRetryable == false, "\(argv)")
        #expect(failure?.message.contains(words) == true, "\(argv): \(failure?.message ?? "")")
      }
      var settings = try ProcessAction.Settings(
        command: [Template(parsing: "true")],
        id: "x",
        parameters: [],
        directory: "/no/such/folder"
      )
      settings.environment = [("PATH", shellPath)]
      let action = ProcessAction(settings: settings, processes: processes)
      #expect(
        await failure(of: action, request(payload: #"{"argv":["true"]}"#))?.message.contains("/no/such/folder") == true
      )
    }
  }
}
