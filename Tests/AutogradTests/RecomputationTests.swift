import Compute
import Randomness
import Testing

@testable import Autograd

@Suite struct RecomputationTests {
  /// A block with dropout, kept or recomputed: the same bits, also of a tensor that it shares with others.
  @Test(arguments: TapeLaboratory.precisions)
  func gradientsAreTheSameBits(_ precision: Precision) throws {
    func run(recomputing: Bool) throws -> [DoubleMatrix] {
      let lab = try TapeLaboratory(precision, training: true, key: RandomKey(seed: 6))
      let tape = lab.tape
      let weight = lab.parameter(.random(8, 8, seed: 1, type: lab.operand))
      let norm = lab.parameter(.random(1, 8, seed: 2, shift: 1))
      let shared = lab.tensor(.random(16, 8, seed: 3, type: lab.operand), gradient: .float32)
      let input = lab.tensor(.random(16, 8, seed: 4), .float32)
      func block(_ x: Tensor) -> Tensor {
        let inner = tape.activate(
          tape.linear(tape.rmsNorm(x, norm, epsilon: 1e-6), weight), .gelu, dropout: 0.3)
        let y = tape.residual(x, tape.linear(inner, weight), dropout: 0.3)
        return tape.residual(y, tape.linear(shared, weight), dropout: 0.3)
      }
      var x = input
      for _ in 0..<3 {
        let before = x
        x = recomputing ? tape.recomputed([before, shared]) { block(before) } : block(before)
      }
      let value = lab.value(x)
      lab.backward(x, .random(16, 8, seed: 5))
      return [value, lab.gradient(input), lab.gradient(shared), lab.gradient(weight), lab.gradient(norm)]
    }
    let kept = try run(recomputing: false)
    let again = try run(recomputing: true)
    #expect(kept == again)
    let finite = kept.allSatisfy { $0.values.allSatisfy { $0.isFinite } && $0.largest > 0 }
    #expect(finite)
  }

  /// The same of a body with several results, of which one has no gradient.
  @Test func severalResultsAreTheSameBits() throws {
    func run(recomputing: Bool) throws -> [DoubleMatrix] {
      let lab = try TapeLaboratory(.f32, training: true, key: RandomKey(seed: 6))
      let tape = lab.tape
      let weight = lab.parameter(.random(8, 8, seed: 1))
      let input = lab.tensor(.random(16, 8, seed: 3), gradient: .float32)
      func body() -> [Tensor] {
        // The second lies below the first in memory.
        let low = tape.activate(tape.linear(input, weight), .gelu, dropout: 0.3)
        let unread = tape.linear(input, weight)
        return [tape.activate(tape.linear(input, weight), .tanh, dropout: 0.3), low, unread]
      }
      let out: [Tensor] = recomputing ? tape.recomputed([input], body) : body()
      let joined = tape.joined([out[0], out[1]])
      let values = [lab.value(joined), lab.value(out[2])]
      lab.backward(joined, .random(16, 16, seed: 5))
      return values + [lab.gradient(input), lab.gradient(weight)]
    }
    let kept = try run(recomputing: false)
    let again = try run(recomputing: true)
    #expect(kept == again && kept.allSatisfy { $0.largest > 0 && $0.values.allSatisfy(\.isFinite) })
  }

  /// Outside a recording nothing is kept, and the result is the body's own.
  @Test func withoutRecordingTheBodyJustRuns() throws {
    let lab = try TapeLaboratory(.f32, recording: false)
    let input = lab.tensor(.random(4, 4, seed: 1))
    var runs = 0
    let out = lab.tape.recomputed([input]) {
      runs += 1
      return lab.tape.dropout(input, 0.5)
    }
    lab.tape.backward()
    #expect(runs == 1)
    #expect(lab.value(out) == .random(4, 4, seed: 1))
  }

  /// What the body returns takes the place of everything it made.
  @Test func onlyTheResultStaysInTheArena() throws {
    let lab = try TapeLaboratory(.f32)
    let weight = lab.parameter(.random(16, 16, seed: 1))
    let input = lab.tensor(.random(16, 16, seed: 2))
    let before = lab.arena.mark
    let out = lab.tape.recomputed([input]) {
      lab.tape.linear(lab.tape.linear(input, weight), weight)
    }
    #expect(lab.arena.mark == before + out.count * 4)
    #expect(lab.arena.peakBytes >= before + 2 * out.count * 4)
  }
}
