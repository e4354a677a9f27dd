/// What bounds the work that requests can make.
public struct ServingLimits: Sendable, Hashable {
  /// Bytes of a request's body.
  public var bodyBytes = 1 << 20
  /// Bytes of one text in it.
  public var textBytes = 1 << 16
  /// Prompts of one request.
  public var prompts = 256
  /// Tokens that a model reads and writes of one text, and of all texts of a request.
  public var tokens = 1 << 12, tokensOfRequest = 1 << 16
  /// Bytes of one line of a request's head, and the number of its lines.
  public var headerBytes = 16 << 10, headers = 64
  /// Connections at a time.
  public var connections = 128
  /// Requests that wait for the models or are answered by them.
  public var queue = 64
  /// Milliseconds in which a request must have arrived whole, and its answer be taken.
  public var receiveMilliseconds: Int64 = 10_000, sendMilliseconds: Int64 = 10_000
  /// Milliseconds that a connection may stay open without a request.
  public var idleMilliseconds: Int64 = 60_000

  /// Those of the command line.
  public init() {}
}
