// Policies of AWS's own. Any of them may be attached, and what is attached is believed to exist; of the best-known ones
// there are the documents, too, as AWS's reference of managed policies has them
// (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html). It has more than a thousand, and new
// versions every day: a copy of all would be wrong soon.

internal import AWSProtocols

/// The managed policies of AWS that are known.
enum AWSManagedPolicies {
  /// What stands in their ARNs in place of an account.
  static let owner = "aws"
  private static let prefix = "arn:aws:iam::aws:policy/"

  /// Whether an ARN is that of a policy of AWS.
  static func isOne(_ arn: String) -> Bool { arn.hasPrefix(prefix) }

  /// The policy of an ARN.
  ///
  /// - Parameter isKnown: whether there is one though it is not among the best-known; it has a version without a document.
  static func policy(_ arn: String, isKnown: Bool) -> ManagedPolicy? {
    if let policy = byARN[arn] { return policy }
    guard isKnown, isOne(arn) else { return nil }
    let parts = arn.dropFirst(prefix.count).split(separator: "/")
    guard let name = parts.last else { return nil }
    return make(
      String(name),
      "/" + parts.dropLast().map { "\($0)/" }.joined(),
      version: 1,
      description: nil,
      document: ""
    )
  }

  /// The best-known policies, and those of some ARNs.
  static func all(and arns: Set<String>) -> [ManagedPolicy] {
    Array(byARN.values) + arns.filter { byARN[$0] == nil }.compactMap { policy($0, isKnown: true) }
  }

  private static func make(
    _ name: String,
    _ path: String,
    version: Int,
    description: String?,
    document: String
  ) -> ManagedPolicy {
    // AWS's date of its first managed policies.
    let time: Int64 = 1_423_247_940_000
    return ManagedPolicy(
      name: name,
      path: path,
      id: Identities.stableID("ANPA", owner, path + name),
      description: description,
      createdAt: time,
      updatedAt: time,
      versions: [.init(number: version, document: document, createdAt: time)],
      defaultVersion: version,
      lastVersion: version
    )
  }

  private static let byARN: [String: ManagedPolicy] = {
    let policies = [
      make(
        "AdministratorAccess",
        "/",
        version: 1,
        description: "Provides full access to AWS services and resources.",
        document: allowing(["*"])
      ),
      make(
        "PowerUserAccess",
        "/",
        version: 7,
        description:
          "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
        document: #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","#
          + #""account:*"],"Resource":"*"},{"Effect":"Allow","Action":["account:GetAccountInformation","#
          + #""account:GetGovCloudAccountInformation","account:GetPrimaryEmail","account:ListRegions","#
          + #""iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","#
          + #""organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}]}"#
      ),
      make(
        "IAMFullAccess",
        "/",
        version: 2,
        description: "Provides full access to IAM via the AWS Management Console.",
        document: allowing([
          "iam:*", "organizations:DescribeAccount", "organizations:DescribeOrganization",
          "organizations:DescribeOrganizationalUnit", "organizations:DescribePolicy", "organizations:ListChildren",
          "organizations:ListParents", "organizations:ListPoliciesForTarget", "organizations:ListRoots",
          "organizations:ListPolicies", "organizations:ListTargetsForPolicy",
        ])
      ),
      make(
        "AmazonS3FullAccess",
        "/",
        version: 2,
        description: "Provides full access to all buckets via the AWS Management Console.",
        document: allowing(["s3:*", "s3-object-lambda:*"])
      ),
      make(
        "AmazonS3ReadOnlyAccess",
        "/",
        version: 3,
        description: "Provides read only access to all buckets via the AWS Management Console.",
        document: allowing(["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"])
      ),
      make(
        "AmazonSQSFullAccess",
        "/",
        version: 1,
        description: "Provides full access to Amazon SQS via the AWS Management Console.",
        document: allowing(["sqs:*"])
      ),
      make(
        "AmazonSNSReadOnlyAccess",
        "/",
        version: 1,
        description: "Provides read only access to Amazon SNS via the AWS Management Console.",
        document: allowing(["sns:GetTopicAttributes", "sns:List*"])
      ),
      make(
        "CloudWatchLogsFullAccess",
        "/",
        version: 1,
        description: "Provides full access to CloudWatch Logs",
        document: allowing(["logs:*"])
      ),
      make(
        "AWSLambdaBasicExecutionRole",
        "/service-role/",
        version: 1,
        description: "Provides write permissions to CloudWatch Logs.",
        document: allowing(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])
      ),
      make(
        "AWSLambdaSQSQueueExecutionRole",
        "/service-role/",
        version: 1,
        description: "Provides receive message, delete message, and read attribute access to SQS queues, and write "
          + "permissions to CloudWatch logs.",
        document: allowing([
          "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "logs:CreateLogGroup",
          "logs:CreateLogStream", "logs:PutLogEvents",
        ])
      ),
    ]
    return Dictionary(policies.map { ($0.arn(in: owner), $0) }, uniquingKeysWith: { first, _ in first })
  }()

  /// A document that allows actions on everything.
  private static func allowing(_ actions: [String]) -> String {
    let list = actions.map { "\"\($0)\"" }.joined(separator: ",")
    return
      #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":\#(actions.count == 1 ? list : "[\(list)]"),"#
      + #""Resource":"*"}]}"#
  }
}
