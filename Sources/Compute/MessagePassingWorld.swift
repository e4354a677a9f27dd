import CMessagePassing
import Foundation
import Support

/// The processes that `mpirun` or `srun` has started together. Messages go through the MPI library that belongs to the
/// launcher, loaded at run time.
///
/// While a process waits it looks for messages again and again, after some thousand times with pauses: what waits for
/// rank 0 to evaluate a model takes no core from it.
public final class MessagePassingWorld: World, @unchecked Sendable {
  // Used by one thread at a time: the one that trains.
  public let rank: Int
  public let size: Int
  public let host: String
  /// What the library says of itself.
  public let library: String
  public private(set) var sentBytes = 0
  public private(set) var waitedSeconds = 0.0
  private let stop: StopRequest
  private let note: @Sendable (String) -> Void
  private var hasNotedStop = false

  /// Bytes of one message at most; MPI counts them in 32 bits.
  private static let longestMessage = 1 << 30
  /// Looks without a pause.
  private static let eagerLooks = 4000
  /// Seconds that a requested stop may take until a word is said about it.
  private static let patience = 0.3
  /// Microseconds between two looks for a question.
  private static let servingPause: UInt32 = 2000
  /// Seconds that a process which fails waits for the others to fail, too.
  private static let lastPatience = 2.0

  /// What can be said without joining anything: which launcher has started this process, and its library.
  public static var description: String {
    let launcher = graft_mp_launched_by()
    guard launcher == GRAFT_MP_ALONE else { return describe(launcher) }
    let found = [(GRAFT_MP_OPEN_MPI, "mpirun"), (GRAFT_MP_MPICH, "mpiexec")].lazy
      .map { describe($0.0) }.first { $0 != missing }
    return "\(found ?? missing), not used: not started by mpirun"
  }

  private static let missing = "no library found"

  private static func describe(_ launcher: graft_mp_launcher) -> String {
    let (isThere, text) = load(launcher)
    return isThere ? text : missing
  }

  private static func load(_ launcher: graft_mp_launcher) -> (isThere: Bool, text: String) {
    var text = [CChar](repeating: 0, count: 256)
    let isThere = graft_mp_load(launcher, &text, Int64(text.count))
    return (isThere, Self.string(text))
  }

  private static func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The world of this process: its own if no launcher has started it.
  /// - Parameters:
  ///   - stop: what asks this process to save and stop.
  ///   - note: takes a line for people.
  /// - Throws: `.missingInput` if a launcher has, but its library is not there; `.internalError` for what it says.
  public static func join(
    stop: StopRequest, note: @escaping @Sendable (String) -> Void
  ) throws(GraftError) -> any World {
    let launcher = graft_mp_launched_by()
    guard launcher != GRAFT_MP_ALONE else { return Alone() }
    let (isThere, text) = load(launcher)
    guard isThere else {
      throw GraftError(
        .missingInput, "this process was started by an MPI launcher, but its library cannot be loaded: \(text)",
        hint: "`apt-get install openmpi-bin`, or give the library's path as $GRAFT_MPI.")
    }
    return try MessagePassingWorld(library: text, stop: stop, note: note)
  }

  private init(library: String, stop: StopRequest, note: @escaping @Sendable (String) -> Void) throws(GraftError) {
    (self.library, self.stop, self.note) = (library, stop, note)
    var (rank, size): (Int32, Int32) = (0, 0)
    var host = [CChar](repeating: 0, count: 256)
    let status = graft_mp_start(&rank, &size, &host, Int64(host.count))
    guard status == 0 else { throw GraftError(.internalError, "\(library) does not start: error \(status)") }
    (self.rank, self.size, self.host) = (Int(rank), Int(size), Self.string(host))
  }

  /// Leaves the others once all have come so far.
  /// - Parameter code: what this process ends with.
  /// - Returns: what each ends with; nil if this one fails and others go on.
  public func leave(_ code: Int32) -> [Int32]? {
    var codes = [Int32](repeating: 0, count: size)
    var request = graft_mp_request()
    guard graft_mp_gather_codes(code, &codes, &request) == 0 else { return nil }
    let begun = ContinuousClock.now
    var isOver = false
    while graft_mp_test(&request, &isOver) == 0, !isOver {
      if code != 0, begun.secondsUntilNow > Self.lastPatience { return nil }
      usleep(1000)
    }
    guard isOver else { return nil }
    _ = graft_mp_finish()
    return codes
  }

  /// Ends all processes with an exit code.
  public func end(all code: Int32) { graft_mp_abort(code) }

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) throws(GraftError) {
    guard size > 1 else { return }
    if rank == root { sentBytes += bytes.count * (size - 1) }
    for part in Self.parts(bytes.count) {
      try complete {
        graft_mp_broadcast(bytes.baseAddress.map { $0 + part.lowerBound }, Int32(part.count), Int32(root), &$0)
      }
    }
  }

  public func allGather(
    _ mine: UnsafeRawBufferPointer, counts: [Int], into all: UnsafeMutableRawBufferPointer
  ) throws(GraftError) {
    precondition(counts.reduce(0, +) == all.count && all.count < Self.longestMessage, "too much to gather at once")
    sentBytes += mine.count * (size - 1)
    let (counts, places) = (counts.map(Int32.init), counts.indices.map { Int32(counts[..<$0].reduce(0, +)) })
    try withExtendedLifetime((counts, places)) { () throws(GraftError) in
      try counts.withUnsafeBufferPointer { (counts) throws(GraftError) in
        try places.withUnsafeBufferPointer { (places) throws(GraftError) in
          try complete {
            graft_mp_all_gather(
              mine.baseAddress, Int32(mine.count), all.baseAddress, counts.baseAddress, places.baseAddress, &$0)
          }
        }
      }
    }
  }

  public func exchange(sending: [SentPiece], receiving: [ReceivedPiece]) throws(GraftError) {
    var requests: [graft_mp_request] = []
    for piece in receiving {
      for part in Self.parts(piece.bytes.count) {
        var request = graft_mp_request()
        try require(
          graft_mp_receive(piece.bytes.baseAddress! + part.lowerBound, Int32(part.count), Int32(piece.rank), &request))
        requests.append(request)
      }
    }
    for piece in sending {
      sentBytes += piece.bytes.count
      for part in Self.parts(piece.bytes.count) {
        var request = graft_mp_request()
        try require(
          graft_mp_send(piece.bytes.baseAddress! + part.lowerBound, Int32(part.count), Int32(piece.rank), &request))
        requests.append(request)
      }
    }
    try wait(for: &requests)
  }

  public func serve(
    until isOver: () -> Bool,
    _ answer: (_ rank: Int, _ question: [UInt8]) throws(GraftError) -> (words: [UInt8], isLast: Bool)
  ) throws(GraftError) {
    // How long the next question of each is. Given back when nothing more can arrive there, which after an early end
    // is never.
    let lengths = UnsafeMutableBufferPointer<Int>.allocate(capacity: size)
    var requests: [Int: graft_mp_request] = [:]
    func expect(_ rank: Int) throws(GraftError) {
      var request = graft_mp_request()
      try require(
        graft_mp_receive(lengths.baseAddress! + rank, Int32(MemoryLayout<Int>.size), Int32(rank), &request))
      requests[rank] = request
    }
    for rank in 1..<size { try expect(rank) }
    while !requests.isEmpty {
      for (rank, var request) in requests {
        var hasCome = false
        try require(graft_mp_test(&request, &hasCome))
        guard hasCome else { continue }
        requests[rank] = nil
        let reply = try answer(rank, try receive(lengths[rank], from: rank))
        try send(reply.words, to: rank)
        if !reply.isLast { try expect(rank) }
      }
      if isOver() { return }
      usleep(Self.servingPause)
    }
    lengths.deallocate()
  }

  private static func parts(_ count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: longestMessage).map { $0..<min($0 + longestMessage, count) }
  }

  private func complete(_ begin: (inout graft_mp_request) -> Int32) throws(GraftError) {
    var requests = [graft_mp_request()]
    try require(begin(&requests[0]))
    try wait(for: &requests)
  }

  private func wait(for requests: inout [graft_mp_request]) throws(GraftError) {
    let begun = ContinuousClock.now
    defer { waitedSeconds += begun.secondsUntilNow }
    var (next, looks) = (0, 0)
    var stopSeen: ContinuousClock.Instant?
    while next < requests.count {
      var isOver = false
      try require(graft_mp_test(&requests[next], &isOver))
      guard !isOver else {
        next += 1
        continue
      }
      looks += 1
      if looks < Self.eagerLooks {
        sched_yield()
      } else {
        usleep(50)
        stopSeen = stopSeen ?? (stop.exitCode == nil ? nil : .now)
        if let stopSeen, !hasNotedStop, stopSeen.secondsUntilNow > Self.patience {
          hasNotedStop = true
          note(
            "\(name) was asked to end and waits for the other ranks. If one of them was killed, nothing is lost that was"
              + " saved: the last checkpoint is whole, and the same command with `resume:` goes on")
        }
      }
    }
  }

  /// How this process is called in messages.
  private var name: String { "rank \(rank) on \(host)" }

  private func require(_ status: Int32) throws(GraftError) {
    guard status != 0 else { return }
    var text = [CChar](repeating: 0, count: 512)
    graft_mp_error_text(status, &text, Int64(text.count))
    throw GraftError(
      .inputOutput, "\(name) has lost the other ranks: \(Self.string(text))",
      hint: "the last checkpoint is whole; the same command with `resume:` goes on.")
  }
}
