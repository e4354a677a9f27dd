import Compute
import Foundation
import Support

extension ShardedModel {
  /// From here on `map` is what several processes do together, each of which has opened this model.
  /// - Throws: as `RankIdentity.check`.
  package func read(with readers: any World) throws(GraftError) {
    try RankIdentity.check(backbone.configuration, [:], self, readers)
    self.readers = readers
  }
}

/// What must be equal on all ranks for what they compute to be parts of one result.
package struct RankIdentity: Codable, Sendable {
  /// SHA-256 of the executable.
  var executable: String
  /// The processor's instruction sets that kernels choose by, and how $GRAFT_ISA limits them.
  var instructionSets: String
  /// The library of matrix products.
  var products: String
  /// What is computed, line by line.
  var plan: [String]
  /// Of what is read.
  var hashes: [String: String]
  var host: String
}

extension RankIdentity {
  private init(
    _ plan: some Encodable, _ hashes: [String: String], _ model: ShardedModel, host: String
  ) throws(GraftError) {
    executable = try ContentHash.ofFile("/proc/self/exe")
    instructionSets = InstructionSets.summary
    products = model.backend.signature
    self.plan = String(decoding: try JSONFile.encode(plan), as: UTF8.self).split(separator: "\n").map(String.init)
    var values = ContentHash()
    values.update(bufferPointer: UnsafeRawBufferPointer(model.store.values))
    self.hashes = hashes.merging(["model to begin with": values.hexadecimal()]) { $1 }
    self.host = host
  }

  /// - Parameter hashes: of what is read, by what it is.
  /// - Throws: `.usage` or `.badData` on all ranks naming one that differs from rank 0, and in what.
  package static func check(
    _ plan: some Encodable, _ hashes: [String: String], _ model: ShardedModel, _ world: any World
  ) throws(GraftError) {
    guard world.size > 1 else { return }
    let all = try world.gathered(RankIdentity(plan, hashes, model, host: world.host))
    for rank in 1..<all.count { try all[rank].requireEqual(to: all[0], rank) }
  }

  /// - Parameter rank: this one's.
  /// - Throws: as `check`.
  func requireEqual(to first: RankIdentity, _ rank: Int) throws(GraftError) {
    func refuse(
      _ code: ExitCode, _ what: String, _ mine: String, _ theirs: String, _ hint: String
    ) throws(GraftError) {
      throw GraftError(
        code, "rank \(rank) on \(host) has another \(what) than rank 0 on \(first.host): \(mine), not \(theirs)",
        hint: hint)
    }
    if executable != first.executable {
      try refuse(
        .usage, "graft", "SHA-256 \(executable.prefix(12))", String(first.executable.prefix(12)),
        "install one executable on all machines.")
    }
    if instructionSets != first.instructionSets {
      try refuse(
        .usage, "instruction set", instructionSets, first.instructionSets,
        "take machines of one kind, or limit all by GRAFT_ISA=avx512.")
    }
    if products != first.products {
      try refuse(.usage, "library of matrix products", products, first.products, "choose one by `backend:`.")
    }
    // What a corpus is read as depends on the tokenizer, which is therefore named first.
    let names = Set(hashes.keys).union(first.hashes.keys).sorted { one, other in
      one == "tokenizer" || (one < other && other != "tokenizer")
    }
    for name in names where hashes[name] != first.hashes[name] {
      try refuse(
        .badData, name, hashes[name].map { "SHA-256 \($0.prefix(12))" } ?? "none",
        first.hashes[name].map { String($0.prefix(12)) } ?? "none", "copy it from rank 0.")
    }
    for (line, other) in zip(plan, first.plan) where line != other {
      func shown(_ line: String) -> String { line.trimmingCharacters(in: CharacterSet(charactersIn: " ,")) }
      try refuse(
        .usage, "setting", shown(line), shown(other),
        "what depends on the machine must be given: `shards:`, `precision:`.")
    }
  }
}
