import Foundation
import Support

extension World {
  /// Asks rank 0 something, which serves meanwhile, and waits for the answer.
  public func ask(_ question: [UInt8]) throws(GraftError) -> [UInt8] {
    try send(question, to: 0)
    return try receive(from: 0)
  }

  func send(_ words: [UInt8], to rank: Int) throws(GraftError) {
    var count = [words.count]
    try count.withUnsafeMutableBufferPointer { (count) throws(GraftError) in
      try exchange(sending: [SentPiece(to: rank, UnsafeRawBufferPointer(count))], receiving: [])
    }
    var words = words
    try words.withUnsafeMutableBufferPointer { (words) throws(GraftError) in
      try exchange(sending: [SentPiece(to: rank, UnsafeRawBufferPointer(words))], receiving: [])
    }
  }

  private func receive(from rank: Int) throws(GraftError) -> [UInt8] {
    var count = [0]
    try count.withUnsafeMutableBufferPointer { (count) throws(GraftError) in
      try exchange(sending: [], receiving: [ReceivedPiece(from: rank, UnsafeMutableRawBufferPointer(count))])
    }
    return try receive(count[0], from: rank)
  }

  func receive(_ count: Int, from rank: Int) throws(GraftError) -> [UInt8] {
    var words = [UInt8](repeating: 0, count: count)
    try words.withUnsafeMutableBufferPointer { (words) throws(GraftError) in
      try exchange(sending: [], receiving: [ReceivedPiece(from: rank, UnsafeMutableRawBufferPointer(words))])
    }
    return words
  }

  /// Requires that all ranks write to one folder, where each has files of its own there.
  /// - Throws: `.missingInput` on all ranks, naming one that does not see the folder of rank 0 or cannot write there.
  public func requireShared(folder: String) throws(GraftError) {
    guard size > 1 else { return }
    let path = try together { () throws(GraftError) -> String in
      try makeFolder(folder)
      let path = "\(folder)/ranks-\(UInt64.random(in: 0...UInt64.max))"
      try AtomicFile.write("", to: path)
      return path
    }
    // Network file systems tell of new files after a while.
    for _ in 0..<50 where access(path, F_OK) != 0 { usleep(100_000) }
    let all = try gathered([access(path, F_OK) == 0 && access(folder, W_OK) == 0 ? "yes" : "no", host])
    try onRoot { () throws(GraftError) in
      guard unlink(path) == 0 else { throw .systemCall("remove", path: path) }
    }
    guard let rank = all.firstIndex(where: { $0[0] == "no" }) else { return }
    throw GraftError(
      .missingInput,
      "rank \(rank) on \(all[rank][1]) does not see the folder '\(folder)' of rank 0 on \(all[0][1]), or may not write"
        + " there",
      hint: "put it on a disk that all machines share: each model is kept there by the rank that trains it.")
  }
}
