import Support

/// Who may ask: on the loopback device whoever is on this machine, but no page of the web through a name that its owner
/// points here (DNS rebinding); elsewhere whoever has the token.
struct AccessRules: Sendable {
  /// Nil for none.
  var token: String?
  /// Whether the server listens on the loopback device alone.
  var isLoopback: Bool

  /// Nil where the request may be answered.
  /// - Parameters:
  ///   - headers: the value of a header by its lower-case name.
  ///   - isOpen: whether what is asked for is for everybody.
  func refusal(_ headers: (String) -> String?, isOpen: Bool) -> Refusal? {
    if isLoopback {
      guard let host = headers("host"), Self.isLoopback(authority: host) else {
        return Refusal(403, "the request is for another host", hint: "open http://127.0.0.1 or http://localhost.")
      }
    }
    if let origin = headers("origin"), origin != headers("host").map({ "http://\($0)" }) {
      return Refusal(403, "pages of other sites may not ask", hint: "programs leave out the header Origin.")
    }
    guard !isOpen, let token else { return nil }
    guard let given = headers("authorization"), Self.areSame(given, "Bearer \(token)") else {
      var refusal = Refusal(401, "the token is missing or wrong", hint: "send it as `Authorization: Bearer TOKEN`.")
      refusal.headers = [("WWW-Authenticate", "Bearer")]
      return refusal
    }
    return nil
  }

  /// Whether `host:port` names this machine's loopback device.
  static func isLoopback(authority: String) -> Bool {
    let name = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
    guard authority.dropFirst(name.count).allSatisfy({ $0 == ":" || $0.isNumber }) else { return false }
    return isLoopback(host: String(name))
  }

  static func isLoopback(host: String) -> Bool {
    ["127.0.0.1", "localhost", "[::1]", "::1"].contains(host.lowercased())
  }

  /// Takes as long for any two texts of the same length, so that time tells nothing of the token.
  private static func areSame(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
