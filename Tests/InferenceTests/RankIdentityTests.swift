import Support
import Testing

@testable import Inference

/// What is said of a rank whose machine or files are not those of rank 0.
@Suite struct RankIdentityTests {
  private let first = RankIdentity(
    executable: "0123456789abcdef", instructionSets: "avx2 avx512f", products: "oneDNN 2.7",
    plan: ["{", "shards: 4", "}"],
    hashes: ["corpus": "aaaa", "tokenizer": "bbbb"], host: "node0")

  @Test func machinesThatDifferAreNamed() {
    func expect(_ key: WritableKeyPath<RankIdentity, String>, _ value: String, _ words: String) {
      var other = first
      (other.host, other[keyPath: key]) = ("node3", value)
      self.expect(other, .usage, words)
    }
    expect(\.executable, "fedcba9876543210", "another graft")
    expect(\.instructionSets, "avx2", "another instruction set than rank 0 on node0: avx2, not avx2 avx512f")
    expect(\.products, "OpenBLAS 0.3", "another library of matrix products")
  }

  @Test func filesThatDifferAreNamed() throws {
    var other = first
    other.host = "node3"
    try other.requireEqual(to: first, 3)
    other.hashes = ["corpus": "dddd", "tokenizer": "cccc"]
    expect(other, .badData, "another tokenizer")
    other.hashes["tokenizer"] = "bbbb"
    expect(other, .badData, "another corpus")
    other.hashes = ["corpus": "aaaa"]
    expect(other, .badData, "another tokenizer than rank 0 on node0: none")
    other = first
    (other.host, other.plan[1]) = ("node3", "shards: 8")
    expect(other, .usage, "another setting than rank 0 on node0: shards: 8, not shards: 4")
  }

  private func expect(_ other: RankIdentity, _ code: ExitCode, _ words: String) {
    let error = #expect(throws: GraftError.self) { try other.requireEqual(to: first, 3) }
    #expect(error?.code == code, "\(String(describing: error))")
    #expect(error?.message.hasPrefix("rank 3 on node3 has \(words)") == true, "\(String(describing: error))")
  }
}
