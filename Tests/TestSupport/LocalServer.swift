import Foundation
import Synchronization

/// A server of HTTP on 127.0.0.1 that answers as badly as a test wants. One connection after the other, each closed
/// behind its answer, or left open until the other side ends it.
public final class LocalServer: Sendable {
  /// What was asked for.
  public struct Request: Sendable {
    public var path: String
    /// Where a range that was asked for begins; nil for the whole.
    public var from: Int?
  }

  /// What is sent, byte by byte: head and body.
  public typealias Answer = @Sendable (Request) -> [UInt8]

  public let address: String
  private let descriptor: Int32
  private let answer: Answer
  private let staysOpen: Bool
  private let seen = Mutex<[Request]>([])

  /// What has been asked so far.
  public var requests: [Request] { seen.withLock { $0 } }

  struct Failure: Error {}

  public init(staysOpen: Bool = false, _ answer: @escaping Answer) throws {
    self.staysOpen = staysOpen
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.answer = answer
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
    }
    guard isBound, listen(descriptor, 16) == 0 else { throw Failure() }
    var length = size
    let isNamed = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
    }
    guard isNamed else { throw Failure() }
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0, let self else { break }
        self.serve(connection)
      }
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var head: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      head += buffer.prefix(count)
    }
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let request = Request(
      path: lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? "",
      from: range.flatMap { Int($0.dropFirst("range: bytes=".count).prefix { $0.isNumber }) })
    seen.withLock { $0.append(request) }
    var rest = answer(request)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return }
      rest = rest.dropFirst(sent)
    }
    // What the other side has not read yet is not to be lost.
    if !staysOpen { shutdown(connection, Int32(SHUT_WR)) }
    while recv(connection, &buffer, buffer.count, 0) > 0 {}
  }

  /// An answer as it should be: the whole, or what is asked for of it.
  public static func proper(_ body: [UInt8], _ request: Request) -> [UInt8] {
    guard let from = request.from else { return answer("200 OK", body) }
    guard from < body.count else { return answer("416 Range Not Satisfiable", []) }
    return answer(
      "206 Partial Content", Array(body[from...]), "Content-Range: bytes \(from)-\(body.count - 1)/\(body.count)\r\n")
  }

  /// - Parameter length: what is announced; the body's own by default.
  public static func answer(
    _ status: String, _ body: [UInt8], _ fields: String = "", length: Int? = nil
  ) -> [UInt8] {
    Array("HTTP/1.1 \(status)\r\nContent-Length: \(length ?? body.count)\r\n\(fields)Connection: close\r\n\r\n".utf8)
      + body
  }
}
