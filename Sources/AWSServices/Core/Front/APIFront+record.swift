// What is left of a call when it has been answered: its record, its figures, and a line in the log if it failed inside.

internal import AWSProtocols
internal import Foundation
internal import Logging
internal import TrailEvents

extension APIFront {
  /// Whether there is to be a record: where there is no room, only of what was done.
  func isRecorded(_ course: Course) -> Bool {
    surroundings.lackOfRoom() == nil || course.error == nil && course.exchange?.operation.isReadOnly == false
  }

  /// The account and the Region that a call is about. What nobody has signed says nothing: calls of strangers belong to
  /// the server's own account and Region.
  func scope(of course: Course, _ arrival: Arrival) -> Scope {
    Scope(
      account: course.caller.account.isEmpty ? identities.defaultAccount : course.caller.account,
      region: (course.isBelieved ? arrival.claim?.region : nil) ?? region
    )
  }

  func outcome(of course: Course, _ arrival: Arrival) -> CallOutcome {
    let operation = course.exchange?.operation
    let scope = scope(of: course, arrival)
    var caller = course.caller
    if !course.isBelieved, let claim = arrival.claim { caller.accessKeyID = claim.accessKeyID }
    // The source of a service that is not here is told by whom we believe.
    let source = course.isBelieved ? arrival.claim.map { "\($0.service).amazonaws.com" } : nil
    return CallOutcome(
      requestID: arrival.requestID,
      caller: caller,
      account: scope.account,
      region: scope.region,
      time: arrival.time,
      eventSource: course.service?.eventSource ?? source ?? "signalbox.amazonaws.com",
      apiVersion: course.service?.version ?? "",
      eventName: operation?.name ?? String((course.wanted.name ?? arrival.head.method).prefix(128)),
      isReadOnly: operation?.isReadOnly ?? false,
      category: operation?.category ?? .management,
      sourceAddress: arrival.origin.address,
      userAgent: arrival.head.headers["user-agent"] ?? "",
      host: arrival.head.headers["host"] ?? "",
      tlsVersion: arrival.origin.tlsVersion,
      input: operation.flatMap { operation in course.input.map { (operation.input, $0) } },
      output: operation.flatMap { operation in course.output.map { (operation.output, $0) } },
      error: course.error
    )
  }

  func measure(_ course: Course, _ arrival: Arrival, _ status: Int) {
    let spent = (ContinuousClock.now - arrival.begin).components
    surroundings.measure(
      course.service?.id ?? "none",
      course.exchange?.operation.name ?? "none",
      status,
      Double(spent.seconds) + Double(spent.attoseconds) / 1e18
    )
  }

  func internalFailure(_ error: any Error, _ course: Course, _ requestID: String) -> AWSError {
    let operation = course.exchange.map { "\($0.service.id):\($0.operation.name)" } ?? "none"
    logger.error(
      "an API call failed inside: \(error)",
      metadata: ["operation": "\(operation)", "request": "\(requestID)"]
    )
    return .internalFailure
  }
}
