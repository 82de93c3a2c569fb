import Delivery
import RuleFiles
import Testing

@testable import Targets

@Suite struct ParameterRuleTests {
  @Test(arguments: [
    ("my-bucket", true), ("a.b-c1", true), ("ab", false), ("My-Bucket", false), ("my bucket", false),
    ("my-bucket\n", false), ("my-bucket\nx", false), ("$(id)", false), ("", false), ("a\u{0}b", false),
    ("bücket", false),
  ])
  func matchHoldsForTheWholeValue(_ value: String, _ isAccepted: Bool) throws {
    let rule = try ParameterRule(name: "bucket", match: "[a-z0-9.-]{3,63}")
    #expect((rule.objection(to: value) == nil) == isAccepted)
    let anchored = try ParameterRule(name: "bucket", match: "^[a-z0-9.-]{3,63}$")
    #expect((anchored.objection(to: value) == nil) == isAccepted)
  }

  @Test func alternativesAreAnchoredTogether() throws {
    let rule = try ParameterRule(name: "x", match: "start|stop")
    #expect(rule.objection(to: "start") == nil)
    #expect(rule.objection(to: "stop") == nil)
    #expect(rule.objection(to: "starter") != nil)
    #expect(rule.objection(to: "nonstop") != nil)
  }

  @Test(arguments: ["(", "[a", "a)|(b"])
  func brokenExpressionsAreRefused(_ expression: String) {
    #expect(throws: TargetSetupError.self) { try ParameterRule(name: "x", match: expression) }
  }

  @Test(arguments: [
    ("0", true), ("-12", true), ("007", true), ("", false), ("-", false), ("1.0", false), ("1e3", false), ("+1", false),
    (" 1", false), ("١", false), ("1;id", false),
  ])
  func integers(_ value: String, _ isAccepted: Bool) throws {
    #expect((try ParameterRule(name: "n", type: .integer).objection(to: value) == nil) == isAccepted)
  }

  @Test(arguments: [("true", true), ("false", true), ("TRUE", false), ("1", false), ("", false)])
  func booleans(_ value: String, _ isAccepted: Bool) throws {
    #expect((try ParameterRule(name: "b", type: .boolean).objection(to: value) == nil) == isAccepted)
  }

  @Test func missingAndUnknownValuesAreRefused() throws {
    let rules = [try ParameterRule(name: "a"), try ParameterRule(name: "b", defaultValue: "B")]
    #expect(try ParameterRule.values(of: [("a", "A")], under: rules) == ["A", "B"])
    #expect(try ParameterRule.values(of: [("b", "x"), ("a", "A")], under: rules) == ["A", "x"])
    #expect(throws: DeliveryFailure.self) { try ParameterRule.values(of: [], under: rules) }
    #expect(throws: DeliveryFailure.self) { try ParameterRule.values(of: [("a", ""), ("c", "")], under: rules) }
  }

  @Test func messagesShowValuesTamely() throws {
    let rule = try ParameterRule(name: "a", match: "x")
    let message = try #require(rule.objection(to: "\u{1B}[31m\n" + String(repeating: "y", count: 10_000)))
    #expect(!message.contains("\u{1B}") && !message.contains("\n"))
    #expect(message.utf8.count < 200)
  }

  @Test(arguments: [("bucket", "PARAM_BUCKET"), ("bucket-name", "PARAM_BUCKET_NAME"), ("a.b_c1", "PARAM_A_B_C1")])
  func variables(_ name: String, _ variable: String) throws {
    #expect(try ParameterRule(name: name).variable == variable)
  }
}

@Suite struct CommandActionTests {
  private func refusal(_ argv: [String], _ values: [String], type: ActionDefinition.Parameter.ValueType = .string)
    throws
    -> DeliveryFailure?
  {
    let rule = try ParameterRule(name: "v", type: type)
    let check = OptionCheck(try argv.map { try Template(parsing: $0) }, parameters: [rule])
    do throws(DeliveryFailure) {
      try check.check(values)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: ["-x", "--delete", "-", "-1"])
  func valuesThatLookLikeOptionsAreRefused(_ value: String) throws {
    #expect(try refusal(["p", "<v>"], ["p", value])?.isRetryable == false)
    #expect(try refusal(["p", "<v>.txt"], ["p", value + ".txt"]) != nil)
    #expect(try refusal(["p", "<account>"], ["p", value]) != nil)
    #expect(try refusal(["p", "--v=<v>"], ["p", "--v=\(value)"]) == nil)
    #expect(try refusal(["p", "-v<v>"], ["p", "-v\(value)"]) == nil)
    #expect(try refusal(["p", "-x"], ["p", "-x"]) == nil)
  }

  @Test func numbersMayBeNegative() throws {
    #expect(try refusal(["p", "<v>"], ["p", "-3"], type: .integer) == nil)
  }

  @Test func theProgramIsFixed() throws {
    for argv in [["<v>"], []] {
      #expect(throws: TargetSetupError.self) {
        try ProcessAction.Settings(
          command: argv.map { try Template(parsing: $0) },
          id: "x",
          parameters: [],
          directory: "/"
        )
      }
    }
  }

  @Test(arguments: [
    "", "[]", "text", #"{"argv":[]}"#, #"{"argv":"true"}"#, #"{"argv":["true",1]}"#, #"{"argv":["true","a\u0000b"]}"#,
    #"{"argv":["true"],"env":{"A":"a\u0000b"}}"#,
  ])
  func plansThatAreNoneAreRefused(_ payload: String) {
    let error = #expect(throws: DeliveryFailure.self) { try ActionPlan(payload: Array(payload.utf8)) }
    #expect(error?.isRetryable == false)
  }

  @Test func plansHoldArgumentsAndVariables() throws {
    let plan = try ActionPlan(payload: Array(#"{"argv":["a","b c"],"env":{"B":"2","A":"1"}}"#.utf8))
    #expect(plan.arguments == ["a", "b c"])
    #expect(plan.environment.map { "\($0.name)=\($0.value)" } == ["B=2", "A=1"])
    #expect(try ActionPlan(payload: Array(#"{"script":"x.sh","parameters":{}}"#.utf8)).arguments == nil)
  }
}
