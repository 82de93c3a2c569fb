// Tokens of the client credentials flow: fetched when they are needed, kept in memory until they run out or an endpoint
// refuses them, never written anywhere.

internal import Delivery
internal import EventPatterns
internal import Logging
internal import Outbound
internal import Synchronization
internal import TrailEvents

/// The tokens that are at hand, by connection.
final class TokenCache: Sendable {
  private struct Token {
    var text: String
    var expires: Instant
  }

  private let tokens = Mutex<[String: Token]>([:])

  func token(of connection: String, now: Instant) -> String? {
    tokens.withLock { tokens in
      guard let token = tokens[connection], token.expires > now else { return nil }
      return token.text
    }
  }

  /// - Parameter now: tokens that have run out by then are forgotten.
  func keep(_ text: String, for connection: String, until expires: Instant, now: Instant) {
    tokens.withLock { tokens in
      tokens = tokens.filter { $0.value.expires > now }
      tokens[connection] = Token(text: text, expires: expires)
    }
  }

  /// Forgets a token, if it is still the one that was refused; nil forgets any.
  func forget(_ connection: String, token: String?) {
    tokens.withLock { tokens in
      if token == nil || tokens[connection]?.text == token { tokens[connection] = nil }
    }
  }
}

extension BusEngine {
  /// A token for a connection, fetched if there is none.
  func token(
    for connection: Connection,
    _ oauth: ConnectionParameters.OAuth,
    in scope: Scope
  ) async throws(DeliveryFailure) -> String {
    if let token = tokens.token(of: connection.identifier, now: clock.now) { return token }
    var request = DestinationRequest.tokenRequest(oauth)
    request.network = settings.network
    request.responseCap = 64 * 1024
    request.overflow = .fail
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await settings.http.send(request)
    } catch {
      throw DestinationOutcome.failure(for: error)
    }
    guard (200...299).contains(response.status) else {
      throw DeliveryFailure(
        .noPermissions,
        "the authorization endpoint answered HTTP \(response.status)",
        retryable: response.status == 429 || response.status >= 500
      )
    }
    guard let answer = try? JSONValue(parsing: response.body), let token = answer["access_token"]?.string else {
      throw DeliveryFailure(
        .noPermissions,
        "the authorization endpoint answered without an access_token",
        retryable: false
      )
    }
    // Without a word about it a token is taken to hold for five minutes; the last ones are not used up.
    var lifetime: Int64 = 300
    switch answer["expires_in"] {
    case .number(let text)?, .string(let text)?:
      lifetime = Double(text).map { Int64($0.clamped(to: 0...86_400)) } ?? 300
    default: break
    }
    let now = clock.now
    tokens.keep(token, for: connection.identifier, until: now + .seconds(max(1, lifetime - 10)), now: now)
    return token
  }

  /// Fetches tokens for the connections that wait for their first one.
  func authorizeConnections() async {
    for (scope, region) in directory.snapshot.catalog.regions {
      for connection in region.connections.values where connection.state == .authorizing {
        guard let oauth = region.secrets[connection.name]?.oauth else { continue }
        tokens.forget(connection.identifier, token: nil)
        var state = Connection.State.authorized
        var reason: String?
        do throws(DeliveryFailure) {
          _ = try await token(for: connection, oauth, in: scope)
        } catch {
          state = .deauthorized
          reason = error.message
        }
        let now = clock.now.milliseconds
        do {
          try await change { [state, reason] catalog throws(BusError) in
            catalog.note(state, reason: reason, of: connection, in: scope, now: now)
          }
        } catch {
          logger.error("the state of a connection cannot be recorded: \(error)")
        }
      }
    }
  }
}

extension Double {
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    isNaN ? range.lowerBound : Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
