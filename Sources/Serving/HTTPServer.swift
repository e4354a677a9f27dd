import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Support
import Synchronization

/// Answers requests about models over HTTP/1.1. One thread moves bytes, another asks the models.
public final class HTTPServer: Sendable {
  let api: ServingAPI
  let rules: AccessRules
  let queue: WorkQueue
  let log: @Sendable (String) -> Void
  /// Open connections.
  let connections = Atomic<Int>(0)
  /// Requests that were answered, refusals among them.
  let requests = Atomic<Int>(0)
  /// Whether no more requests are taken.
  let isEnding = Atomic<Bool>(false)
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel

  /// The address that is listened on.
  public let host: String
  /// Chosen by the system where 0 was given.
  public let port: Int

  /// Listens from now on.
  /// - Parameters:
  ///   - host: an address of this machine; other than of the loopback device it demands a token.
  ///   - port: 0 for any free one.
  ///   - token: what clients must send; nil for none.
  ///   - log: takes a line for each request.
  /// - Throws: `.usage` for a host that is not here and for one without a token; `.inputOutput` if the port is taken.
  public init(
    _ api: ServingAPI, host: String = "127.0.0.1", port: Int, token: String? = nil,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(GraftError) {
    let isLoopback = AccessRules.isLoopback(host: host)
    guard isLoopback || token != nil else {
      throw GraftError(.usage, "whoever reaches '\(host)' could ask", hint: "give a `token:`.")
    }
    (self.api, self.log, self.host) = (api, log, host)
    rules = AccessRules(token: token, isLoopback: isLoopback)
    queue = WorkQueue(depth: api.limits.queue)
    let server = ServerReference()
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 128)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let server = server.value else { throw ChannelError.ioOnClosedChannel }
          try server.prepare(channel)
        }
      }
    do {
      channel = try bootstrap.bind(host: host, port: port).wait()
    } catch {
      try? group.syncShutdownGracefully()
      let isTaken = (error as? IOError)?.errnoCode == EADDRINUSE
      throw GraftError(
        isTaken ? .inputOutput : .usage, "cannot listen on \(host):\(port)",
        hint: isTaken
          ? "something else does; `port:` 0 takes a free one."
          : "give an address of this machine and a port that you may use.",
        cause: isTaken ? nil : error)
    }
    self.port = channel.localAddress?.port ?? port
    server.value = self
  }

  /// What the page's address is.
  public var address: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

  /// Takes no more connections, answers what was asked, and ends.
  /// - Returns: how many requests were answered.
  public func stop() -> Int {
    isEnding.store(true, ordering: .relaxed)
    try? channel.close().wait()
    queue.drain()
    try? group.syncShutdownGracefully()
    return requests.load(ordering: .relaxed)
  }

  private func prepare(_ channel: any Channel) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = api.limits.headerBytes
    limits.maxHeaderListSize = 4 * api.limits.headerBytes
    limits.maxHeaderFieldCount = api.limits.headers
    let decoder = ByteToMessageHandler(
      HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits),
      maximumBufferSize: 8 * api.limits.headerBytes)
    try channel.pipeline.syncOperations.addHandlers([
      HTTPResponseEncoder(), decoder, HTTPServerPipelineHandler(), ConnectionHandler(self),
    ])
  }

  /// Filled before the first connection can be accepted by anybody who knows the port.
  private final class ServerReference: Sendable {
    private let reference = Mutex<HTTPServer?>(nil)
    var value: HTTPServer? {
      get { reference.withLock { $0 } }
      set { reference.withLock { $0 = newValue } }
    }
  }
}
