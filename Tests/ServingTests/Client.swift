import Foundation

/// A connection on which anything can be said.
final class Client {
  struct Response {
    var status: Int
    var headers: [String: String]
    var text: String
  }

  struct Closed: Error {}

  private let socket: Int32
  private var received: [UInt8] = []

  init(_ port: Int) throws {
    socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Closed() }
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(socket) }

  func send(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Closed() }
      rest = rest.dropFirst(count)
    }
  }

  /// Says that nothing more comes.
  func finish() { shutdown(socket, Int32(SHUT_WR)) }

  /// Whether the other side hangs up in the end, and says nothing before.
  var hangsUp: Bool {
    var byte: UInt8 = 0
    return received.isEmpty && recv(socket, &byte, 1, 0) == 0
  }

  /// Whether the other side has hung up; waits for it if nothing else comes.
  var isClosed: Bool {
    var byte: UInt8 = 0
    var patience = timeval(tv_sec: 0, tv_usec: 1000)
    let isWaiting = received.isEmpty
    if !isWaiting { return false }
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    return recv(socket, &byte, 1, Int32(MSG_PEEK)) == 0
  }

  private func more() throws {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { throw Closed() }
    received += buffer[..<count]
  }

  /// One response; waits until it is whole.
  func response() throws -> Response {
    let mark = Array("\r\n\r\n".utf8)
    var end: Int?
    while end == nil {
      end = received.indices.first { received[$0...].starts(with: mark) }
      if end == nil { try more() }
    }
    let lines = String(decoding: received[..<end!], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    }
    let length = Int(headers["content-length"] ?? "") ?? 0
    let start = end! + mark.count
    while received.count < start + length { try more() }
    defer { received.removeFirst(start + length) }
    return Response(
      status: Int(lines[0].split(separator: " ")[1]) ?? 0, headers: headers,
      text: String(decoding: received[start..<start + length], as: UTF8.self))
  }
}
