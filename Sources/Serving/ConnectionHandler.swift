import Foundation
import NIOCore
import NIOHTTP1
import Support
import Synchronization

/// One connection: gathers a request within its bounds, has it answered, and goes on with the next.
///
/// All of it runs on the connection's event loop; only the answer comes from elsewhere.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private struct Gathered {
    var head: HTTPRequestHead
    var path: String
    var body: [UInt8] = []
    let begun = ContinuousClock.now
  }

  private enum State {
    /// No request has begun.
    case idle
    case gathering(Gathered)
    /// The answer is on its way.
    case answering
    /// What still comes is thrown away.
    case closing
  }

  private let server: HTTPServer
  private var state = State.idle
  private var deadline: Scheduled<Void>?
  private var isCounted = false
  /// Whether an answer is being written, and whether the client has said all it will.
  private var (isSending, isHalfClosed) = (false, false)
  /// Whether the client is still there, for whoever works for it.
  private let isGone = Flag()

  private final class Flag: Sendable {
    let value = Atomic<Bool>(false)
  }

  init(_ server: HTTPServer) { self.server = server }

  private var limits: ServingLimits { server.api.limits }

  // MARK: Connections

  func channelActive(context: ChannelHandlerContext) {
    isCounted = true
    let count = server.connections.add(1, ordering: .relaxed).newValue
    guard count <= limits.connections else {
      return refuse(Self.busy("too many connections"), nil, context: context)
    }
    wait(limits.idleMilliseconds, context: context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if isCounted { server.connections.subtract(1, ordering: .relaxed) }
    isCounted = false
    isGone.value.store(true, ordering: .relaxed)
    deadline?.cancel()
    deadline = nil
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // A client that has said all it will is still answered.
    guard let event = event as? ChannelEvent, event == .inputClosed else { return }
    isHalfClosed = true
    if case .answering = state { return }
    if !isSending { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let gathered: Gathered?
    switch state {
    case .idle: gathered = nil
    case .gathering(let some): gathered = some
    case .answering: return context.close(promise: nil)
    // What comes after an error is another one.
    case .closing: return
    }
    switch error {
    case HTTPParserError.headerOverflow, is ByteToMessageDecoderError.PayloadTooLargeError:
      refuse(Refusal(431, "the head of the request is too long"), gathered, context: context)
    case is HTTPParserError: refuse(Refusal(400, "this is not HTTP: \(error)"), gathered, context: context)
    default: context.close(promise: nil)
    }
  }

  /// Sets the time in which the next thing must happen.
  private func wait(_ milliseconds: Int64, context: ChannelHandlerContext) {
    deadline?.cancel()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
      let (handler, context) = bound.value
      handler.isLate(context: context)
    }
  }

  private func isLate(context: ChannelHandlerContext) {
    if case .gathering(let gathered) = state {
      let refusal = Refusal(408, "the request did not arrive within \(limits.receiveMilliseconds / 1000) s")
      return refuse(refusal, gathered, context: context)
    }
    context.close(promise: nil)
  }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), .idle):
      let path = String(head.uri.prefix { $0 != "?" && $0 != "#" })
      let gathered = Gathered(head: head, path: path)
      state = .gathering(gathered)
      wait(limits.receiveMilliseconds, context: context)
      if let refusal = refusal(gathered) { refuse(refusal, gathered, context: context) }
    case (.body(let part), .gathering(var gathered)):
      guard gathered.body.count + part.readableBytes <= limits.bodyBytes else {
        return refuse(tooLarge, gathered, context: context)
      }
      gathered.body += part.readableBytesView
      state = .gathering(gathered)
    case (.end, .gathering(let gathered)): answer(gathered, context: context)
    default: break
    }
  }

  private var tooLarge: Refusal {
    Refusal(413, "the body is too large", hint: "\(limits.bodyBytes) bytes are read.")
  }

  private static func busy(_ message: String) -> Refusal {
    var refusal = Refusal(503, message, hint: "try again.")
    refusal.headers = [("Retry-After", "1")]
    return refusal
  }

  /// Why a request is not answered, as far as its head tells.
  private func refusal(_ gathered: Gathered) -> Refusal? {
    let headers = gathered.head.headers
    if let refusal = server.rules.refusal({ headers.first(name: $0) }, isOpen: ServingAPI.isOpen(gathered.path)) {
      return refusal
    }
    if let refusal = ServingAPI.refusal(gathered.head.method.rawValue, gathered.path) { return refusal }
    if let length = headers.first(name: "content-length").flatMap({ Int($0) }), length > limits.bodyBytes {
      return tooLarge
    }
    let type = headers.first(name: "content-type")?.prefix { $0 != ";" }.lowercased()
    // Pages of other sites can send forms unasked, but no JSON.
    if gathered.head.method == .POST, type != "application/json" {
      return Refusal(415, "the body is not said to be JSON", hint: "send the header Content-Type: application/json.")
    }
    return nil
  }

  private func answer(_ gathered: Gathered, context: ChannelHandlerContext) {
    deadline?.cancel()
    state = .answering
    let request = APIRequest(method: gathered.head.method.rawValue, path: gathered.path, body: gathered.body)
    guard ServingAPI.isHeavy(gathered.path) else {
      return send(server.api.respond(to: request), gathered, context: context)
    }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    let (server, isGone) = (server, isGone)
    let isTaken =
      !server.isEnding.load(ordering: .relaxed)
      && server.queue.take {
        // Nobody waits for it any more.
        guard !isGone.value.load(ordering: .relaxed) else { return }
        let response = server.api.respond(to: request)
        loop.execute {
          let (handler, context) = bound.value
          handler.send(response, gathered, context: context)
        }
      }
    if !isTaken { send(Self.busy("too many requests wait").response, gathered, context: context) }
  }

  // MARK: Answers

  private func send(_ response: APIResponse, _ gathered: Gathered, context: ChannelHandlerContext) {
    let keeps = gathered.head.isKeepAlive && !isHalfClosed && !server.isEnding.load(ordering: .relaxed)
    // The next request may be there already, and comes as soon as the end of this answer is written.
    state = keeps ? .idle : .closing
    write(response, gathered, keepAlive: keeps, context: context) { handler, context in
      guard keeps, !handler.isHalfClosed else { return context.close(promise: nil) }
      if case .idle = handler.state { handler.wait(handler.limits.idleMilliseconds, context: context) }
    }
  }

  /// Answers with the reason and hangs up. What the client is still sending is read for a moment, as it would not get
  /// the answer otherwise.
  private func refuse(_ refusal: Refusal, _ gathered: Gathered?, context: ChannelHandlerContext) {
    state = .closing
    write(refusal.response, gathered, keepAlive: false, context: context) { handler, context in
      context.close(mode: .output, promise: nil)
      handler.wait(1000, context: context)
    }
  }

  private func write(
    _ response: APIResponse, _ gathered: Gathered?, keepAlive: Bool, context: ChannelHandlerContext,
    then next: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
  ) {
    guard context.channel.isActive else { return }
    isSending = true
    var headers = HTTPHeaders([
      ("Content-Type", response.type), ("Content-Length", "\(response.body.count)"),
      ("Connection", keepAlive ? "keep-alive" : "close"), ("Cache-Control", "no-store"),
      ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
      ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ])
    for (name, value) in response.headers { headers.add(name: name, value: value) }
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    wait(limits.sendMilliseconds, context: context)
    // What keeps answers in the order of requests lets none pass to what never became one.
    let pipeline = context.pipeline.syncOperations
    let order = gathered == nil ? try? pipeline.context(handlerType: HTTPServerPipelineHandler.self) : nil
    let writer = order ?? context
    writer.write(wrapOutboundOut(.head(head)), promise: nil)
    if gathered?.head.method != .HEAD {
      writer.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
    }
    let bound = NIOLoopBound((self, context, next), eventLoop: context.eventLoop)
    writer.writeAndFlush(wrapOutboundOut(.end(nil))).whenSuccess {
      let (handler, context, next) = bound.value
      handler.isSending = false
      next(handler, context)
    }
    record(response, gathered)
  }

  private func record(_ response: APIResponse, _ gathered: Gathered?) {
    server.requests.add(1, ordering: .relaxed)
    let time = gathered.map { ContinuousClock.now - $0.begun } ?? .zero
    let milliseconds = Double(time.components.attoseconds) / 1e15 + Double(time.components.seconds) * 1000
    let what = gathered.map { "\($0.head.method.rawValue) \(GraftError.shown($0.path, limit: GraftError.longestName))" }
    server.log(
      "\(what ?? "a connection") \(response.status) \(response.body.count) bytes"
        + " \(String(format: "%.1f", milliseconds)) ms")
  }
}
