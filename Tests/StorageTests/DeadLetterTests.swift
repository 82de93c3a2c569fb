import Storage
import Testing

@Suite struct DeadLetterTests {
  @Test(
    arguments: [
      (.send, "arn:aws:events:eu-west-1:111122223333:target/pager"),
      (.run, "arn:aws:events:eu-west-1:111122223333:action/pager"),
    ] as [(DeliveryKind, String)]
  )
  func `targets and actions are told apart`(kind: DeliveryKind, expected: String) {
    let arn = DeadLetter.targetARN(region: "eu-west-1", account: "111122223333", target: "pager", kind: kind)
    #expect(arn == expected)
  }
}
