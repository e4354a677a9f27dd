import Compute
import Foundation
import Support

/// Where the processes of a study get their models from and say what became of them. The ledger is rank 0's.
protocol StudyDesk: AnyObject {
  /// The place of the next model among all; nil if all are given away.
  func next() throws(GraftError) -> Int?
  /// Notes what happened to a stage.
  func enter(_ event: StudyEvent, _ error: GraftError?) throws(GraftError)
}

/// What another rank says to rank 0, and what it hears.
private struct StudyQuestion: Codable {
  /// Nil to be given a model.
  var event: StudyEvent?
  var failure: SharedFailure?
}

private struct StudyReply: Codable {
  var place: Int?
}

/// That of every rank but 0.
final class RemoteStudyDesk: StudyDesk {
  private let world: any World

  init(_ world: any World) { self.world = world }

  func next() throws(GraftError) -> Int? { try ask(StudyQuestion()).place }

  func enter(_ event: StudyEvent, _ error: GraftError?) throws(GraftError) {
    _ = try ask(StudyQuestion(event: event, failure: error.map(SharedFailure.init)))
  }

  private func ask(_ question: StudyQuestion) throws(GraftError) -> StudyReply {
    try read(StudyReply.self, try world.ask(Array(try JSONFile.line(question))))
  }
}

private func read<Word: Decodable>(_ type: Word.Type, _ bytes: [UInt8]) throws(GraftError) -> Word {
  do {
    return try JSONFile.value(type, in: bytes)
  } catch {
    throw GraftError(.internalError, "what another rank said is no \(type)", cause: error)
  }
}

/// That of rank 0, or of a process by itself. It hands models out in order, to whoever asks first.
final class LocalStudyDesk: StudyDesk, @unchecked Sendable {
  // Guarded by `lock`: the main thread and the one that serves other ranks come here.
  private let lock = NSLock()
  private let ledger: StudyLedger
  private let models: [(seed: UInt64, arm: StudyArm)]
  private var given = 0
  private var failed: [StudyFailure] = []
  /// The model that each rank trains, and how many seeds were told as done.
  private var current: [Int: Int] = [:]
  private var told = 0
  /// All stages in the order in which one process does them.
  private let order: [StudyUnit]
  /// What is said when a stage begins.
  private let titles: [StudyUnit: String]
  private let surroundings: Surroundings
  // Of the thread that serves.
  private let served = DispatchGroup()
  private var isEnding = false
  private var lostRanks: GraftError?

  init(
    _ ledger: StudyLedger, _ models: [(seed: UInt64, arm: StudyArm)], order: [StudyUnit],
    titles: [StudyUnit: String], _ surroundings: Surroundings
  ) {
    (self.ledger, self.models, self.order) = (ledger, models, order)
    (self.titles, self.surroundings) = (titles, surroundings)
  }

  /// - Throws: `.interrupted` or `.terminated` if there are models left and a stop was requested.
  func next() throws(GraftError) -> Int? {
    let place = next(for: 0)
    if place == nil { try requireAllGiven() }
    return place
  }

  private func requireAllGiven() throws(GraftError) {
    guard lock.withLock({ given < models.count }) else { return }
    try surroundings.stop.check("stopped between two stages")
  }

  func enter(_ event: StudyEvent, _ error: GraftError?) throws(GraftError) { try enter(event, error, from: 0) }

  private func next(for rank: Int) -> Int? {
    lock.withLock {
      current[rank] = nil
      guard given < models.count, surroundings.stop.exitCode == nil else { return nil }
      current[rank] = given
      given += 1
      return given - 1
    }
  }

  private func enter(_ event: StudyEvent, _ error: GraftError?, from rank: Int) throws(GraftError) {
    lock.lock()
    defer { lock.unlock() }
    try ledger.append(event)
    switch event.event {
    case .started:
      if let title = titles[event.unit] { surroundings.note(title + (rank > 0 ? "  on rank \(rank)" : "")) }
    case .failed:
      guard let error else { break }
      surroundings.note("failed: \(error)")
      failed.append(StudyFailure(unit: event.unit, error: error))
    case .interrupted where rank > 0:
      // All end where one is asked to.
      surroundings.stop.request(signal: error?.code == .terminated ? SIGTERM : SIGINT)
    case .finished, .interrupted, .aborted: break
    }
  }

  /// The stages that failed, in the order in which one process does them.
  var failures: [StudyFailure] {
    lock.withLock { order.flatMap { unit in failed.filter { $0.unit == unit } } }
  }

  /// How many seeds are through that were not asked for yet. Called by this process between two of its models.
  func newlyDoneSeeds() -> Int {
    lock.withLock {
      current[0] = nil
      let first = (Array(current.values) + [given]).min() ?? given
      let open = first < models.count ? models[first].seed : nil
      var done: [UInt64] = []
      for model in models[..<first] where model.seed != open && done.last != model.seed { done.append(model.seed) }
      defer { told = done.count }
      return done.count - told
    }
  }

  /// Begins to serve the other ranks on a thread of its own.
  func serve() {
    served.enter()
    let thread = Thread { [self] in
      do throws(GraftError) {
        try surroundings.world.serve(until: { lock.withLock { isEnding } }) { (rank, bytes) throws(GraftError) in
          let question = try read(StudyQuestion.self, bytes)
          var reply = StudyReply()
          if let event = question.event {
            try enter(event, question.failure?.error, from: rank)
          } else {
            reply.place = next(for: rank)
          }
          return (Array(try JSONFile.line(reply)), question.event == nil && reply.place == nil)
        }
      } catch {
        lock.withLock { lostRanks = error }
      }
      served.leave()
    }
    thread.start()
  }

  /// Waits until all other ranks are through.
  /// - Parameter early: whether they need not be.
  func endServing(early: Bool) throws(GraftError) {
    if early { lock.withLock { isEnding = true } }
    served.wait()
    guard !early else { return }
    if let lostRanks = lock.withLock({ lostRanks }) { throw lostRanks }
    try requireAllGiven()
  }
}
