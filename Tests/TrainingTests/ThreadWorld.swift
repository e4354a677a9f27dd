import Compute
import Foundation
import Support
import Synchronization

/// Several ranks as threads of one process, which meet at every exchange: what `MessagePassingWorld` does over MPI.
final class ThreadWorld: World, @unchecked Sendable {
  /// What the ranks of one world share; guarded by `condition`.
  private final class Meeting: @unchecked Sendable {
    let condition = NSCondition()
    /// Bytes for [receiver][sender], in order.
    var mail: [[[[UInt8]]]]
    var arrived = 0
    var generation = 0

    init(size: Int) { mail = Self.empty(size) }

    static func empty(_ size: Int) -> [[[[UInt8]]]] {
      [[[[UInt8]]]](repeating: [[[UInt8]]](repeating: [], count: size), count: size)
    }
  }

  let rank: Int
  let size: Int
  let host = "here"
  private(set) var sentBytes = 0
  let waitedSeconds = 0.0
  private let meeting: Meeting

  private init(rank: Int, size: Int, meeting: Meeting) { (self.rank, self.size, self.meeting) = (rank, size, meeting) }

  /// Runs `body` as each of `size` ranks.
  /// - Returns: what each came to, by rank.
  static func run<Result: Sendable>(
    _ size: Int, _ body: @escaping @Sendable (any World) throws -> Result
  ) -> [Swift.Result<Result, any Error>] {
    let meeting = Meeting(size: size)
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    let done = DispatchGroup()
    for rank in 0..<size {
      done.enter()
      let thread = Thread {
        let world = ThreadWorld(rank: rank, size: size, meeting: meeting)
        let result = Swift.Result { try body(world) }
        results.withLock { $0[rank] = result }
        done.leave()
      }
      thread.stackSize = 16 << 20
      thread.start()
    }
    done.wait()
    return results.withLock { all in (0..<size).compactMap { all[$0] } }
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
    if rank == root {
      let piece = UnsafeRawBufferPointer(bytes)
      exchange(sending: (0..<size).filter { $0 != root }.map { SentPiece(to: $0, piece) }, receiving: [])
    } else {
      exchange(sending: [], receiving: [ReceivedPiece(from: root, bytes)])
    }
  }

  func allGather(_ mine: UnsafeRawBufferPointer, counts: [Int], into all: UnsafeMutableRawBufferPointer) {
    var places: [ReceivedPiece] = []
    var start = 0
    for (sender, count) in counts.enumerated() {
      places.append(ReceivedPiece(from: sender, UnsafeMutableRawBufferPointer(rebasing: all[start..<start + count])))
      start += count
    }
    exchange(sending: (0..<size).map { SentPiece(to: $0, mine) }, receiving: places)
  }

  func serve(
    until isOver: () -> Bool,
    _ answer: (_ rank: Int, _ question: [UInt8]) throws(GraftError) -> (words: [UInt8], isLast: Bool)
  ) { preconditionFailure("nothing that trains together asks") }

  func exchange(sending: [SentPiece], receiving: [ReceivedPiece]) {
    meeting.condition.withLock {
      for piece in sending {
        sentBytes += piece.rank == rank ? 0 : piece.bytes.count
        meeting.mail[piece.rank][rank].append(Array(piece.bytes))
      }
    }
    meet()
    meeting.condition.withLock {
      for piece in receiving {
        let bytes = meeting.mail[rank][piece.rank].removeFirst()
        precondition(bytes.count == piece.bytes.count, "\(bytes.count) bytes came for \(piece.bytes.count)")
        piece.bytes.copyBytes(from: bytes)
      }
      precondition(meeting.mail[rank].allSatisfy(\.isEmpty), "bytes that nobody expected")
    }
    meet()
  }

  /// Returns when all ranks have come here.
  private func meet() {
    meeting.condition.lock()
    meeting.arrived += 1
    let generation = meeting.generation
    if meeting.arrived == size {
      (meeting.arrived, meeting.generation) = (0, generation + 1)
      meeting.condition.broadcast()
    }
    while meeting.generation == generation { meeting.condition.wait() }
    meeting.condition.unlock()
  }
}
