import Foundation
import Testing

@testable import TrailEvents

@Suite struct LogFileTreeTests {
  @Test(
    arguments: [
      (
        "AWSLogs/111122223333/CloudTrail/us-east-1/2023/07/10/"
          + "111122223333_CloudTrail_us-east-1_20230710T1220Z_WMiHxZgr5Hdd6UDc.json.gz",
        TrailPath.Kind.log, "us-east-1", "20230710T1220Z", nil
      ),
      (
        "/b/pre/AWSLogs/o-abcde12345/111122223333/CloudTrail-Digest/eu-west-1/2023/07/10/"
          + "111122223333_CloudTrail-Digest_eu-west-1_my_trail_us-east-1_20230710T122003Z.json.gz",
        .digest, "eu-west-1", "20230710T122003Z", "o-abcde12345"
      ),
      (
        "111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20230710T122003Z_backfill.json.gz",
        .digest, "eu-west-1", "20230710T122003Z", nil
      ),
      (
        "x/111122223333/CloudTrail-Insight/eu-west-1/2023/07/10/"
          + "111122223333_CloudTrail-Insight_eu-west-1_20230710T1220Z_abc.json.gz",
        .insight, "eu-west-1", "20230710T1220Z", nil
      ),
      ("111122223333/CloudTrail/eu-west-1/2023/07/10/renamed.json", .log, "eu-west-1", "20230710", nil),
    ] as [(String, TrailPath.Kind, String, String, String?)]
  )
  func cloudTrailsLayoutIsRead(
    path: String,
    kind: TrailPath.Kind,
    region: String,
    time: String,
    organization: String?
  ) throws {
    let parsed = try #require(TrailPath(path))
    #expect(parsed.kind == kind)
    #expect(parsed.account == "111122223333")
    #expect(parsed.region == region)
    #expect(parsed.time == time)
    #expect(parsed.organization == organization)
  }

  @Test(arguments: [
    "", "/", "events.json", "CloudTrail/x.json", "a_b_c_d_e.json", "111_CloudTrail_eu-west-1_20230710T1220Z_x.json",
    "111122223333/CloudTrail/eu-west-1/x/y/z/file.json", "...", "111122223333_CloudTrail_eu-west-1_later_x.json",
  ])
  func otherPathsAreNot(path: String) { #expect(TrailPath(path) == nil) }

  @Test(arguments: [
    ("a/*.json", "a/b.json", true), ("a/*.json", "a/b/c.json", false), ("a/**/*.json", "a/b/c.json", true),
    ("a/**/*.json", "a/c.json", true), ("a/**", "a/b/c/d", true), ("**/x.json", "x.json", true),
    ("a/?.json", "a/b.json", true), ("a/?.json", "a/bc.json", false), ("a/[a-c]x", "a/bx", true),
    ("a/[!a-c]x", "a/bx", false), ("a/[!a-c]x", "a/dx", true), ("a/[]x", "a/[]x", true),
    ("/a/*/c*d", "/a/b/cxxd", true), ("/a/*/c*d", "/a/b/cxx", false), ("a/*a*a*a*b", "a/aaaaaaaaaaaaaaaaaaaa", false),
    ("a/2024*/*", "a/2024-05/x", true), ("*", ".json", true),
  ])
  func patternsMatchAsInAShell(pattern: String, path: String, matches: Bool) {
    #expect(GlobPattern(pattern).matches(path) == matches)
  }

  @Test(arguments: [
    ("a/x.json", FileNameRules.Verdict.read), ("a/x.JSON.GZ", .read), ("x.jsonl", .read), ("x.ndjson.gz", .read),
    ("x.json.tmp", .partial), ("x.json.gz.part", .partial), ("x.json~", .partial), ("x.json.gz.a1B2c3D4", .partial),
    (".x.json", .ignore), ("README.md", .ignore), ("x.parquet", .ignore),
    ("111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20230710T122003Z.json.gz", .digest),
  ])
  func namesDecideWhatIsRead(path: String, verdict: FileNameRules.Verdict) {
    #expect(FileNameRules.verdict(path) == verdict)
  }

  @Test func aTreeIsListedOldestFirst() throws {
    let folder = try TemporaryFolder()
    let names = [
      "AWSLogs/111122223333/CloudTrail/eu-west-1/2024/05/06/111122223333_CloudTrail_eu-west-1_20240506T0700Z_b.json.gz",
      "AWSLogs/111122223333/CloudTrail/us-east-1/2024/05/06/111122223333_CloudTrail_us-east-1_20240506T0655Z_a.json.gz",
      "other.json",
    ]
    for name in names { try folder.write(name, "") }
    try folder.write(
      "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2024/05/06/"
        + "111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1_20240506T070000Z.json.gz",
      ""
    )
    try folder.write("half.json.gz.tmp", "")
    try folder.write("README.md", "")
    try folder.write(".hidden/x.json", "")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/AWSLogs/loop",
      withDestinationPath: folder.path
    )

    let listing = LogFileTree([folder.path]).list()
    #expect(folder.relative(listing.files.map(\.path)) == [names[2], names[1], names[0]])
    #expect(listing.skipped.digests == 1)
    #expect(listing.skipped.unfinished == 1)
    // README.md, and the hidden folder as one.
    #expect(listing.skipped.foreign == 2)
    #expect(listing.problems.isEmpty)

    let globbed = LogFileTree([folder.path + "/**/us-east-1/**/*.gz", folder.path + "/README.md", "-"]).list()
    #expect(
      globbed.files.map(\.path).sorted() == ["-", folder.path + "/README.md", folder.path + "/" + names[1]].sorted()
    )

    let twice = LogFileTree([folder.path, folder.path, folder.path + "/other.json"]).list()
    #expect(twice.files.count == 3)

    let missing = LogFileTree([folder.path + "/none", folder.path + "/*.none"]).list()
    #expect(
      missing.problems.map(\.message) == [
        "cannot be found: No such file or directory; check the path", "matches no file; check the pattern",
      ]
    )
  }
}
