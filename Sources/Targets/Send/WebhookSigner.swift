// Standard Webhooks signatures (standardwebhooks.com): the receiver can tell that the body came from us, unchanged,
// recently, and which delivery it is.

import Crypto
import Foundation

/// Signs webhook bodies with a shared secret.
struct WebhookSigner: Sendable {
  private let key: SymmetricKey

  /// Takes a secret: `whsec_` and base64 as the specification writes it, or any other text, which is used as it is.
  init(secret: String) throws(TargetSetupError) {
    guard secret.hasPrefix("whsec_") else {
      key = SymmetricKey(data: Data(secret.utf8))
      return
    }
    guard let bytes = Data(base64Encoded: String(secret.dropFirst("whsec_".count))), !bytes.isEmpty else {
      throw TargetSetupError("a signing secret that begins with whsec_ must go on with base64, and this one does not")
    }
    key = SymmetricKey(data: bytes)
  }

  /// The value of `webhook-signature`.
  func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
    var hmac = HMAC<SHA256>(key: key)
    hmac.update(data: Data("\(id).\(timestamp).".utf8))
    hmac.update(data: Data(body))
    return "v1," + Data(hmac.finalize()).base64EncodedString()
  }
}
