import Support

/// The processes that train one model together, each with a share of the shards. What a step reads from clocks, signals
/// and disks is agreed on, so that all of them take the same steps at the same rates. Every function is called by all
/// processes, in the same order.
public protocol World: Sendable {
  /// This process's place, from 0.
  var rank: Int { get }
  /// How many processes there are.
  var size: Int { get }
  /// The machine this process runs on, for messages.
  var host: String { get }
  /// Bytes that this process has had for others, once for each that they were for.
  var sentBytes: Int { get }
  /// Seconds that this process has waited for others.
  var waitedSeconds: Double { get }

  /// Puts the bytes of one process in place of those of all others.
  /// - Throws: `.inputOutput` if a process cannot be reached any more, as all others of this protocol.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws(GraftError)
  /// Collects what each process has, in the order of ranks.
  /// - Parameter counts: how many bytes each process has.
  func allGather(_ mine: UnsafeRawBufferPointer, counts: [Int], into all: UnsafeMutableRawBufferPointer)
    throws(GraftError)
  /// Sends and receives pieces at once. Of the pieces that one process sends another, the first is received in the
  /// first that the other expects of it, and so on; they are of equal length.
  func exchange(sending: [SentPiece], receiving: [ReceivedPiece]) throws(GraftError)
  /// On rank 0 alone, answers what the others ask, see `ask`, until each has had its last answer. It may do so on a
  /// thread of its own, while no other exchanges anything.
  /// - Parameters:
  ///   - isOver: asked all the while; true ends it early.
  ///   - answer: says what a rank is told, and whether it will not ask again.
  func serve(
    until isOver: () -> Bool,
    _ answer: (_ rank: Int, _ question: [UInt8]) throws(GraftError) -> (words: [UInt8], isLast: Bool)
  ) throws(GraftError)
}

/// Bytes for another process.
public struct SentPiece {
  /// The process that they go to.
  public var rank: Int
  /// What goes there.
  public var bytes: UnsafeRawBufferPointer

  /// Bytes for the process `rank`.
  public init(to rank: Int, _ bytes: UnsafeRawBufferPointer) { (self.rank, self.bytes) = (rank, bytes) }
}

/// Where bytes of another process go.
public struct ReceivedPiece {
  /// The process that they come from.
  public var rank: Int
  /// Their place here.
  public var bytes: UnsafeMutableRawBufferPointer

  /// Where bytes of the process `rank` go.
  public init(from rank: Int, _ bytes: UnsafeMutableRawBufferPointer) { (self.rank, self.bytes) = (rank, bytes) }
}

extension World {
  /// Whether this process decides, reads and writes for all.
  public var isRoot: Bool { rank == 0 }

  /// Which of `shards` each process computes, in the order of ranks.
  public func shares(of shards: Int) -> [Range<Int>] {
    (0..<size).map { ShardExecutor.slice(shards, shard: $0, of: size) }
  }

  /// The decision of rank 0, which every rank then follows.
  public func agree<Decision: Codable & Sendable>(_ mine: Decision) throws(GraftError) -> Decision {
    guard size > 1 else { return mine }
    var bytes = isRoot ? Array(try JSONFile.line([mine])) : []
    try share(&bytes)
    return try Self.decoded([Decision].self, bytes)[0]
  }

  /// Does on rank 0 alone what touches disks or takes its time; every rank returns its result, or throws what it threw.
  public func together<Result: Codable & Sendable>(
    _ body: () throws(GraftError) -> Result
  ) throws(GraftError) -> Result {
    guard size > 1 else { return try body() }
    var outcome = SharedOutcome<Result>()
    if isRoot {
      do throws(GraftError) {
        outcome.result = [try body()]
      } catch {
        outcome.failure = SharedFailure(error)
      }
    }
    outcome = try agree(outcome)
    if let failure = outcome.failure { throw failure.error }
    guard let result = outcome.result?.first else { preconditionFailure("an outcome without result or failure") }
    return result
  }

  /// Does on rank 0 alone what has a result for it alone; every rank throws what it threw.
  /// - Returns: nil on the others.
  @discardableResult
  public func onRoot<Result>(_ body: () throws(GraftError) -> Result) throws(GraftError) -> Result? {
    var mine: Result?
    _ = try together { () throws(GraftError) -> Bool in
      mine = try body()
      return true
    }
    return mine
  }

  /// Does something on rank 0 first, and on the others once it is done there: what it has put into a cache on a disk
  /// that they share is then found.
  public func rootFirst<Result>(_ body: () throws(GraftError) -> Result) throws(GraftError) -> Result {
    if let mine = try onRoot(body) { return mine }
    return try body()
  }

  /// Does what each rank does for itself and may fail or be stopped in; where one is, all are.
  /// - Throws: what `body` throws here, else on the first rank that it throws on, with its name.
  public func collected<Result>(_ body: () throws(GraftError) -> Result) throws(GraftError) -> Result {
    var (result, failure): (Result?, GraftError?)
    do throws(GraftError) {
      result = try body()
    } catch {
      failure = error
    }
    guard size > 1 else { return try outcome(result, failure) }
    let failures = try gathered(RankFailure(host: host, failure: failure.map(SharedFailure.init)))
    if failure == nil, let rank = failures.firstIndex(where: { $0.failure != nil }),
      var theirs = failures[rank].failure?.error
    {
      theirs.message = "rank \(rank) on \(failures[rank].host): \(theirs.message)"
      failure = theirs
    }
    return try outcome(result, failure)
  }

  private func outcome<Result>(_ result: Result?, _ failure: GraftError?) throws(GraftError) -> Result {
    if let failure { throw failure }
    guard let result else { preconditionFailure("neither a result nor a failure") }
    return result
  }

  /// Requires that each rank has what rank 0 has, where all go on by their own.
  /// - Parameters:
  ///   - what: as people call it, in the plural.
  ///   - hash: of it.
  /// - Throws: `.badData` on all ranks, naming one that differs.
  public func requireSame(_ what: String, hash: String) throws(GraftError) {
    let all = try gathered([what, hash, host])
    for (rank, mine) in all.enumerated() where mine[..<2] != all[0][..<2] {
      throw GraftError(
        .badData, "rank \(rank) on \(mine[2]) has other \(mine[0]) than rank 0 on \(all[0][2])",
        hint: "copy models, definitions of tasks and data from there.")
    }
  }

  /// What every rank has to say, in the order of ranks.
  public func gathered<Word: Codable & Sendable>(_ mine: Word) throws(GraftError) -> [Word] {
    guard size > 1 else { return [mine] }
    let bytes = Array(try JSONFile.line([mine]))
    let counts = try gatheredValues([bytes.count], of: [Int](repeating: 1, count: size))
    let all = try gatheredValues(bytes, of: counts)
    var (words, start) = ([Word](), 0)
    for count in counts {
      words.append(try Self.decoded([Word].self, all[start..<start + count])[0])
      start += count
    }
    return words
  }

  /// Numbers of every rank, one rank after another.
  /// - Parameter counts: how many each rank has.
  public func gatheredValues<Value: BitwiseCopyable>(
    _ mine: [Value], of counts: [Int]
  ) throws(GraftError) -> [Value] {
    guard size > 1, let filler = mine.first ?? Self.zero() else { return mine }
    var all = [Value](repeating: filler, count: counts.reduce(0, +))
    let stride = MemoryLayout<Value>.stride
    try mine.withUnsafeBufferPointer { (mine) throws(GraftError) in
      try all.withUnsafeMutableBufferPointer { (all) throws(GraftError) in
        try allGather(
          UnsafeRawBufferPointer(mine), counts: counts.map { $0 * stride }, into: UnsafeMutableRawBufferPointer(all))
      }
    }
    return all
  }

  /// Puts the bytes of rank 0 in place of those of all others, however many there are.
  public func share(_ bytes: inout [UInt8]) throws(GraftError) {
    guard size > 1 else { return }
    var count = [bytes.count]
    try count.withUnsafeMutableBufferPointer { (count) throws(GraftError) in
      try broadcast(UnsafeMutableRawBufferPointer(count), from: 0)
    }
    if !isRoot { bytes = [UInt8](repeating: 0, count: count[0]) }
    try bytes.withUnsafeMutableBufferPointer { (bytes) throws(GraftError) in
      try broadcast(UnsafeMutableRawBufferPointer(bytes), from: 0)
    }
  }

  private static func zero<Value: BitwiseCopyable>() -> Value? {
    let bytes = [UInt8](repeating: 0, count: MemoryLayout<Value>.size)
    return bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
  }

  private static func decoded<Value: Decodable>(
    _ type: Value.Type, _ bytes: some Sequence<UInt8>
  ) throws(GraftError) -> Value {
    do {
      return try JSONFile.value(type, in: bytes)
    } catch {
      throw GraftError(.internalError, "what another process said is no \(type)", cause: error)
    }
  }
}

/// A process that trains by itself.
public struct Alone: World {
  public let rank = 0
  public let size = 1
  public let host = ""
  public let sentBytes = 0
  public let waitedSeconds = 0.0

  /// Rank 0 of one.
  public init() {}

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {}
  public func allGather(_ mine: UnsafeRawBufferPointer, counts: [Int], into all: UnsafeMutableRawBufferPointer) {
    all.copyMemory(from: mine)
  }
  public func exchange(sending: [SentPiece], receiving: [ReceivedPiece]) {}
  public func serve(
    until isOver: () -> Bool,
    _ answer: (_ rank: Int, _ question: [UInt8]) throws(GraftError) -> (words: [UInt8], isLast: Bool)
  ) throws(GraftError) {}
}

/// What came of something that rank 0 did for all.
private struct SharedOutcome<Result: Codable & Sendable>: Codable, Sendable {
  /// One, or nil after a failure.
  var result: [Result]?
  var failure: SharedFailure?
}

/// What a rank has met, nil for no failure.
private struct RankFailure: Codable, Sendable {
  var host: String
  var failure: SharedFailure?
}

/// An error on its way to other processes.
public struct SharedFailure: Codable, Sendable {
  private var code: Int32
  private var message: String
  private var hint, cause, file: String?
  private var line, column: Int?

  /// All of an error that is told.
  public init(_ error: GraftError) {
    (code, message, hint, cause) = (error.code.rawValue, error.message, error.hint, error.cause)
    (file, line, column) = (error.location?.file, error.location?.line, error.location?.column)
  }

  /// The error again.
  public var error: GraftError {
    var error = GraftError(
      ExitCode(rawValue: code) ?? .internalError, message, hint: hint,
      location: file.map { SourceLocation(file: $0, line: line, column: column) })
    error.cause = cause
    return error
  }
}
