import Records
import TestSupport
import Testing

@testable import Inference

/// Texts as lm-evaluation-harness puts them.
@Suite struct HarnessTextTests {
  private func codec(positions: Int, omitsStart: Bool = true) throws -> TextCodec {
    var codec = TextCodec(try SmallModels.tokenizer.get())
    (codec.layout, codec.omitsStart, codec.harnessPositions) = (.continuation, omitsStart, positions)
    return codec
  }

  @Test func aTargetIsWhatTheWholeTextHasMore() throws {
    let codec = try codec(positions: 64)
    let example = codec.example("the cat ", "sees")
    #expect(example.inputs == codec.encode("the cat"))
    // The space behind the prompt is the target's, beside the one that every target gets.
    #expect(example.inputs + example.targets == codec.encode("the cat  sees"))
    #expect(example.isContinuation && example.omitsStart)
    let alone = codec.example("", "sees")
    #expect(alone.inputs.isEmpty && alone.targets == codec.encode(" sees"))
  }

  /// The last token is not read, and the start token goes first.
  @Test func whatIsTooLongLosesItsBeginning() throws {
    let whole = try codec(positions: 64, omitsStart: false).example("the cat sees the dog", "now")
    let (read, written) = (whole.inputs.count, whole.targets.count)
    #expect(!whole.omitsStart)
    for (positions, kept, omits) in [
      (read + written, read, false), (read + written - 1, read, true), (read + written - 2, read - 1, true),
    ] {
      let example = try codec(positions: positions, omitsStart: false).example("the cat sees the dog", "now")
      #expect(example.inputs == whole.inputs.suffix(kept) && example.targets == whole.targets)
      #expect(example.omitsStart == omits, "\(positions)")
    }
  }
}
