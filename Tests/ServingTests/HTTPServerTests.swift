import Foundation
import Support
import Synchronization
import TestSupport
import Testing

@testable import Serving

/// The server over real connections, friendly and hostile.
@Suite(.serialized, .tags(.slow)) struct HTTPServerTests {
  private static let body = #"{"task": "sst2", "fields": {"sentence": "a fine film"}}"#

  private static let jsonHead =
    "POST /api/answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

  private static func post(
    _ path: String, _ body: String, host: String = "127.0.0.1", type: String = "application/json", more: String = ""
  ) -> String {
    "POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
  }

  /// Runs `body` with a server that ends afterwards.
  private func serving(
    token: String? = nil, _ change: (inout ServingLimits) -> Void = { _ in }, _ body: (HTTPServer, Lines) throws -> Void
  ) throws {
    var limits = ServingLimits()
    change(&limits)
    let lines = Lines()
    let server = try HTTPServer(try SmallServer.api(limits: limits), port: 0, token: token) { lines.add($0) }
    defer { _ = server.stop() }
    try body(server, lines)
  }

  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
    /// All of them, once there are `count`: a line follows the response that it is about. Gives up after ten seconds.
    func all(_ count: Int) -> [String] {
      for _ in 0..<1000 where all.count < count { usleep(10_000) }
      return all
    }
  }

  @Test func aConnectionAsksTwice() throws {
    try serving { server, lines in
      let client = try Client(server.port)
      for _ in 0..<2 {
        try client.send(Self.post("/api/answer", Self.body))
        let answer = try client.response()
        #expect(answer.status == 200 && answer.text.contains("\"probabilities\""))
        #expect(answer.headers["content-security-policy"]?.contains("default-src 'self'") == true)
        #expect(answer.headers["access-control-allow-origin"] == nil)
      }
      let told = lines.all(2)
      #expect(told.count == 2 && told.allSatisfy { $0.hasPrefix("POST /api/answer 200 ") }, "\(told)")
    }
  }

  /// Several requests at once on one connection are answered in their order.
  @Test func pipelinedRequests() throws {
    try serving { server, _ in
      let client = try Client(server.port)
      try client.send(Self.post("/api/answer", Self.body) + "GET /v1/models HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
      #expect(try client.response().text.contains("probabilities"))
      #expect(try client.response().text.contains("\"object\":\"list\""))
    }
  }

  /// Whoever says that nothing more comes is answered.
  @Test func aClientThatHasSaidAll() throws {
    try serving { server, _ in
      let client = try Client(server.port)
      try client.send(Self.post("/api/answer", Self.body))
      client.finish()
      #expect(try client.response().status == 200)
      #expect(client.hangsUp)
    }
  }

  /// A body in chunks, and one whose length nobody says.
  @Test func chunkedBodies() throws {
    try serving { server, _ in
      let client = try Client(server.port)
      let chunk = String(Self.body.utf8.count, radix: 16)
      try client.send(
        Self.jsonHead + "Transfer-Encoding: chunked\r\n\r\n"
          + "\(chunk)\r\n\(Self.body)\r\n0\r\n\r\n")
      #expect(try client.response().status == 200)
    }
  }

  @Test(arguments: [
    (post("/api/answer", body, host: "evil.example"), 403), (post("/api/answer", body, host: "127.0.0.1.evil"), 403),
    (post("/api/answer", body, more: "Origin: http://evil.example\r\n"), 403),
    (post("/api/answer", body, more: "Origin: null\r\n"), 403),
    (post("/api/answer", body, type: "text/plain"), 415), (post("/api/none", body), 404),
    ("GET /api/answer HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    ("OPTIONS /api/answer HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    ("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    ("GET /v1/models HTTP/1.1\r\n\r\n", 403), ("nonsense\r\n\r\n", 400), ("GET / HTTP/9.9\r\n\r\n", 400),
    ("POST /api/answer HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", 400),
    ("POST /api/answer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (jsonHead + "Content-Length: 99999999999\r\n\r\n", 413),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n", 431),
    ("GET / HTTP/1.1\r\nHost: localhost\r\n\(String(repeating: "X: y\r\n", count: 1000))\r\n", 431),
    ("GET /\(String(repeating: "x", count: 1_000_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
  ])
  func hostileRequests(_ request: String, _ status: Int) throws {
    try serving { server, _ in
      let client = try Client(server.port)
      // The server may hang up while it is being talked to.
      try? client.send(request)
      let answer = try client.response()
      #expect(answer.status == status, "\(request.prefix(80)): \(answer.text)")
      #expect(answer.text.contains("\"error\""))
      // And goes on for others.
      let next = try Client(server.port)
      try next.send("GET /api/runs HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try next.response().status == 200)
    }
  }

  /// A body that grows beyond its bound although nobody said how long it is.
  @Test func endlessBodies() throws {
    try serving {
      $0.bodyBytes = 10_000
    } _: { server, _ in
      let client = try Client(server.port)
      try client.send(Self.jsonHead + "Transfer-Encoding: chunked\r\n\r\n")
      let chunk = "1000\r\n\(String(repeating: "x", count: 4096))\r\n"
      for _ in 0..<100 { try? client.send(chunk) }
      #expect(try client.response().status == 413)
    }
  }

  @Test func slowRequestsAreCut() throws {
    try serving {
      ($0.receiveMilliseconds, $0.idleMilliseconds) = (300, 600)
    } _: { server, _ in
      let silent = try Client(server.port)
      let slow = try Client(server.port)
      try slow.send(Self.jsonHead + "Content-Length: 50\r\n\r\n")
      let answer = try slow.response()
      #expect(answer.status == 408 && answer.headers["connection"] == "close")
      // A head that drips in never becomes a request.
      let dripping = try Client(server.port)
      try dripping.send("GET /")
      var isCut = false
      for _ in 0..<40 where !isCut {
        Thread.sleep(forTimeInterval: 0.05)
        do { try dripping.send("x") } catch { isCut = true }
        isCut = isCut || dripping.isClosed
      }
      #expect(isCut)
      #expect(silent.isClosed)
    }
  }

  @Test func tooManyRequestsAreToldToComeAgain() throws {
    try serving {
      $0.queue = 2
    } _: { server, _ in
      let clients = try (0..<12).map { _ in try Client(server.port) }
      let long = #"{"model": "writer", "prompt": ["a","b","c","d","e","f","g","h"], "max_tokens": 50, "logprobs": 5}"#
      for client in clients { try client.send(Self.post("/v1/completions", long)) }
      let answers = try clients.map { try $0.response() }
      let refused = answers.filter { $0.status == 503 }
      #expect(!refused.isEmpty && refused.allSatisfy { $0.headers["retry-after"] == "1" })
      #expect(answers.filter { $0.status == 200 }.count == 12 - refused.count && refused.count < 12)
    }
  }

  @Test func tooManyConnections() throws {
    try serving {
      $0.connections = 3
    } _: { server, _ in
      let kept = try (0..<3).map { _ in try Client(server.port) }
      for client in kept {
        try client.send("GET /api/runs HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try client.response().status == 200)
      }
      // An optimised build would close them after their last use.
      defer { withExtendedLifetime(kept) {} }
      #expect(try Client(server.port).response().status == 503)
    }
  }

  @Test func theTokenIsWanted() throws {
    try serving(token: "secret") { server, _ in
      let get = "GET /api/runs HTTP/1.1\r\nHost: localhost\r\n"
      for (more, status) in [
        ("", 401), ("Authorization: Bearer secreT\r\n", 401), ("Authorization: Bearer secret\r\n", 200),
      ] {
        let client = try Client(server.port)
        try client.send(get + more + "\r\n")
        #expect(try client.response().status == status)
      }
      // The page says nothing and brings the token itself.
      let client = try Client(server.port)
      try client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try client.response().text.contains("<!doctype html>"))
    }
  }

  @Test func othersNeedAToken() throws {
    do {
      _ = try HTTPServer(try SmallServer.api(), host: "0.0.0.0", port: 0)
      Issue.record("listens without a token")
    } catch { #expect((error as? GraftError)?.code == .usage) }
  }

  @Test func aTakenPortIsSaid() throws {
    try serving { server, _ in
      do {
        _ = try HTTPServer(try SmallServer.api(), port: server.port)
        Issue.record("listens on a port that is taken")
      } catch { #expect((error as? GraftError)?.code == .inputOutput) }
    }
  }

  @Test(arguments: [
    ("localhost", true), ("LOCALHOST:8080", true), ("127.0.0.1:1", true), ("[::1]:8080", true), ("[::1]", true),
    ("127.0.0.1.example", false), ("localhost.example:80", false), ("", false), ("[::1].example", false),
    ("127.0.0.1:80@example", false),
  ])
  func loopbackNames(_ authority: String, _ isLoopback: Bool) {
    #expect(AccessRules.isLoopback(authority: authority) == isLoopback)
  }
}
