// The keys of `signalbox.yaml` that are for `signalbox serve`.

internal import RuleFiles

extension MappingSpec {
  static let serve = MappingSpec(
    "serve",
    "Where the API listens and what it takes.",
    [
      FieldSpec("host", .line, "The address to listen on. The default is 127.0.0.1."),
      FieldSpec("port", .integer(0...65_535), "The port to listen on. The default is 4010."),
      FieldSpec(
        "tls",
        .mapping(
          MappingSpec(
            "tls",
            "A certificate: the API is served by HTTPS, with HTTP/1.1 and HTTP/2.",
            [
              FieldSpec("certificate", .setting, required: true, "The certificate, and those above it (PEM)."),
              FieldSpec("key", .setting, required: true, "The private key (PEM)."),
            ]
          )
        ),
        "A certificate: the API is served by HTTPS, with HTTP/1.1 and HTTP/2."
      ),
      FieldSpec("allow-plain-http", .boolean, "Whether to listen without TLS where other machines can reach it."),
      FieldSpec("largest-body", .size, "The largest body of a request. The default is 8MB."),
      FieldSpec(
        "body-memory",
        .size,
        "What the bodies of all requests may take together; more are answered with 503. The default is 128MB."
      ),
      FieldSpec(
        "largest-database",
        .size,
        "The size of the database from which on calls that bring something are answered with 503. There is no default."
      ),
      FieldSpec(
        "connections",
        .integer(1...100_000),
        "The most connections at a time; more wait. The default is 1024."
      ),
      FieldSpec(
        "network",
        .choice([
          .init("public", "Refuses loopback, private, link-local and metadata addresses at connect time."),
          .init("any", "Allows every address."),
        ]),
        "Where API destinations and subscriptions may lead. The default is `any` on a loopback address, else `public`."
      ),
      FieldSpec("idle-timeout", .positiveTimeSpan, "How long a connection may be silent. The default is 60s."),
      FieldSpec("request-timeout", .positiveTimeSpan, "How long a body may take to arrive. The default is 60s."),
    ]
  )

  static let account = MappingSpec(
    "account",
    "An account and who may act in it.",
    [
      FieldSpec("id", .line, required: true, "Twelve digits."),
      FieldSpec("access-keys", .list(.mapping(.accessKey), atLeast: 1), "Keys of the account's root."),
      FieldSpec(
        "users",
        .list(
          .mapping(
            MappingSpec(
              "user",
              "A user of the account.",
              [
                FieldSpec("name", .line, required: true, "The user's name."),
                FieldSpec("access-keys", .list(.mapping(.accessKey), atLeast: 1), "Keys of the user."),
              ]
            )
          ),
          atLeast: 1
        ),
        "Users of the account."
      ),
      FieldSpec(
        "roles",
        .list(
          .mapping(
            MappingSpec(
              "role",
              "A role of the account.",
              [
                FieldSpec("name", .line, required: true, "The role's name."),
                FieldSpec(
                  "trust-policy",
                  .string,
                  "Who may take the role, as a policy document (JSON). The default is everybody in the account."
                ),
              ]
            )
          ),
          atLeast: 1
        ),
        "Roles of the account."
      ),
    ]
  )

  private static let accessKey = MappingSpec(
    "access key",
    "An access key; the secret stands elsewhere.",
    [
      FieldSpec("id", .line, required: true, "The access key id."),
      FieldSpec("secret", .secret, required: true, "Where the secret is: `{env: NAME}` or `{file: path}`."),
    ]
  )
}
