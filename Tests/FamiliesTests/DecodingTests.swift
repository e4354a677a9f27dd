import Autograd
import ModelKit
import Randomness
import Records
import TestSupport
import Testing

/// Decoding with kept states, against whole sequences and against transformers.
@Suite struct DecodingTests {
  private func laboratory(_ family: String) throws -> ModelLaboratory {
    try ModelLaboratory(TestModels.configuration(family))
  }

  private func begin(_ model: ModelLaboratory) throws -> any GenerativeBackbone {
    model.tape.begin(training: false, recording: false, key: RandomKey(seed: 0))
    return try #require(model.backbone.writer)
  }

  private func logits(_ output: BackboneOutput, _ rows: [Int32], _ tape: Tape) -> [Float] {
    output.logits(at: rows, on: tape).floats()
  }

  /// Token by token, with rows dropped, reordered and doubled on the way.
  @Test(arguments: TestModels.writers) func cachedLogitsAreThoseOfWholeSequences(_ family: String) throws {
    let model = try laboratory(family)
    let backbone = try begin(model)
    let batch = TestModels.batch(family, encoder: [3, 11, 1], decoder: [1, 9, 4])
    let tape = model.tape
    let memory = backbone.encode(batch.encoder, recomputing: false, on: tape)
    let state = backbone.makeState(sequences: 3, rowsPerSequence: 2)
    var output = backbone.decode(batch.decoder, memory: memory, state: state, recomputing: false, on: tape)
    var sequences: [[TokenID]] = []
    var first = 0
    for length in batch.decoder.lengths {
      sequences.append(Array(batch.decoder.tokens[first..<first + length]))
      first += length
    }
    var sources = [0, 1, 2]
    let selections = [[0, 1, 2], [2, 0, 2, 1], [3, 0, 1], [2, 2, 0], [1], [0], [0, 0]]
    for (step, parents) in selections.enumerated() {
      state.select(parents)
      #expect(state.lengths == parents.map { sequences[$0].count })
      sources = parents.map { sources[$0] }
      sequences = parents.map { sequences[$0] }
      var next = TokenSequences()
      for i in sequences.indices {
        let token = TokenID((7 * step + 11 * i + 3) % 50)
        sequences[i].append(token)
        next.append([token])
      }
      output = backbone.decode(next, memory: memory, state: state, recomputing: false, on: tape)
      let cached = logits(output, output.rows.offsets.map { Int32($0) }, tape)
      var whole: [Float] = []
      for (sequence, source) in zip(sequences, sources) {
        var encoder = TokenSequences()
        var decoder = TokenSequences()
        if backbone.layout == .encoderDecoder {
          let start = batch.encoder.lengths[..<source].reduce(0, +)
          encoder.append(batch.encoder.tokens[start..<start + batch.encoder.lengths[source]])
        }
        decoder.append(sequence)
        if backbone.layout == .prefixDecoder { decoder.prefixes = [batch.decoder.prefixes[source]] }
        let alone = backbone.encode(encoder, recomputing: false, on: tape)
        let full = backbone.decode(decoder, memory: alone, recomputing: false, on: tape)
        whole += logits(full, [Int32(sequence.count - 1)], tape)
      }
      #expect(relativeDifference(cached, whole) < 1e-5, "step \(step)")
    }
  }

  /// Sequences in pieces of several tokens, none among them, give what they give as a whole.
  @Test(arguments: TestModels.writers) func aStateReadsSeveralTokens(_ family: String) throws {
    let model = try laboratory(family)
    let backbone = try begin(model)
    let batch = TestModels.batch(family, encoder: [5, 2, 7], decoder: [9, 12, 6])
    let tape = model.tape
    let memory = backbone.encode(batch.encoder, recomputing: false, on: tape)
    let whole = backbone.decode(batch.decoder, memory: memory, recomputing: false, on: tape)
    let state = backbone.makeState(sequences: 3, rowsPerSequence: 1)
    // A prefix is read in one piece.
    for ends in [[5, 6, 3], [8, 6, 4], [9, 12, 6]] {
      var piece = TokenSequences()
      if state.lengths == [0, 0, 0] { piece.prefixes = batch.decoder.prefixes }
      var first = 0
      for (sequence, length) in batch.decoder.lengths.enumerated() {
        piece.append(batch.decoder.tokens[first + state.lengths[sequence]..<first + ends[sequence]])
        first += length
      }
      let begins = state.lengths
      let output = backbone.decode(piece, memory: memory, state: state, recomputing: false, on: tape)
      #expect(state.lengths == ends)
      var (rows, wholeRows): ([Int32], [Int32]) = ([], [])
      for sequence in 0..<3 {
        for position in begins[sequence]..<ends[sequence] {
          rows.append(Int32(output.rows.offsets[sequence] + position - begins[sequence]))
          wholeRows.append(Int32(whole.rows.offsets[sequence] + position))
        }
      }
      #expect(relativeDifference(logits(output, rows, tape), logits(whole, wholeRows, tape)) < 1e-5)
    }
  }

  private func decode(
    _ fixture: DecodingFixture, _ model: ModelLaboratory, _ options: DecodingOptions, _ indices: [Int]
  ) throws -> [[Hypothesis]] {
    let backbone = try begin(model)
    let decoder = SequenceDecoder(backbone, options, end: fixture.end)
    return decoder(fixture.batch(backbone.traits, indices), samples: indices, on: model.tape)
  }

  private func tokens(_ hypothesis: Hypothesis, end: TokenID) -> [TokenID] {
    hypothesis.tokens + (hypothesis.hasEnded ? [end] : [])
  }

  @Test(.tags(.slow), arguments: DecodingFixture.names)
  func greedyAnswersAreThoseOfTransformers(_ name: String) throws {
    let fixture = try DecodingFixture.read(name)
    let model = try fixture.laboratory(name)
    #expect(fixture.inputs.count == 200)
    let options = DecodingOptions(maximumTokens: fixture.limit)
    let answers = try decode(fixture, model, options, Array(fixture.inputs.indices))
    #expect(answers.map { tokens($0[0], end: fixture.end) } == fixture.greedy)
  }

  @Test(.tags(.slow), arguments: DecodingFixture.names)
  func beamAnswersAreThoseOfTransformers(_ name: String) throws {
    let fixture = try DecodingFixture.read(name)
    let model = try fixture.laboratory(name)
    for search in fixture.searches {
      let beam = BeamOptions(
        count: search.beams, lengthPenalty: search.lengthPenalty, stopsEarly: search.earlyStopping)
      let options = DecodingOptions(.beam(beam), maximumTokens: fixture.limit)
      let answers = try decode(fixture, model, options, Array(fixture.inputs.indices))
      let label = "\(search.beams) \(search.lengthPenalty) \(search.earlyStopping)"
      #expect(answers.map { tokens($0[0], end: fixture.end) } == search.answers, "\(label)")
      for (answer, score) in zip(answers, search.scores) {
        #expect(abs((answer[0].score ?? .infinity) - score) < 1e-4 * max(1, abs(score)), "\(label)")
      }
    }
  }

  /// Samples do not depend on their batch; another sample draws other tokens.
  @Test func samplesAreKeyedByTheirNumber() throws {
    let fixture = try DecodingFixture.read("t5")
    let model = try fixture.laboratory("t5")
    let options = DecodingOptions(.sampling(SamplingOptions(key: RandomKey(seed: 4))), maximumTokens: 8)
    let together = try decode(fixture, model, options, [0, 1, 2, 3])
    for i in 0..<4 {
      #expect(try decode(fixture, model, options, [i])[0][0].tokens == together[i][0].tokens)
    }
    #expect(Set(together.map { $0[0].tokens }).count > 1)
  }

  @Test func constrainedAnswersAreChoices() throws {
    let fixture = try DecodingFixture.read("t5")
    let model = try fixture.laboratory("t5")
    let choices: [[TokenID]] = [[9, 10], [9], [20, 21, 22]]
    let strategies: [DecodingOptions.Strategy] = [
      .greedy, .beam(BeamOptions(count: 4)), .sampling(SamplingOptions(key: RandomKey(seed: 1))),
    ]
    for strategy in strategies {
      let options = DecodingOptions(strategy, maximumTokens: 8, choices: choices)
      for answer in try decode(fixture, model, options, [0, 1, 2, 3, 4]).joined() {
        #expect(answer.hasEnded && choices.contains(answer.tokens))
      }
    }
  }

  /// Nothing to read, room for one token or none, more beams than tokens, no batch.
  @Test(arguments: TestModels.writers) func edgesOfDecoding(_ family: String) throws {
    let model = try laboratory(family)
    let beams = DecodingOptions.Strategy.beam(BeamOptions(count: 60))
    for strategy in [DecodingOptions.Strategy.greedy, beams] {
      for limit in [0, 1, 3] {
        let backbone = try begin(model)
        let decoder = SequenceDecoder(backbone, DecodingOptions(strategy, maximumTokens: limit), end: 1)
        let batch = TestModels.batch(family, encoder: [0, 4], decoder: [1, 1])
        let answers = decoder(batch, samples: [0, 1], on: model.tape)
        #expect(answers.count == 2)
        for answer in answers {
          #expect(!answer.isEmpty && answer[0].tokens.count + (answer[0].hasEnded ? 1 : 0) <= limit)
        }
        #expect(decoder(Batch(layout: batch.layout), samples: [], on: model.tape).isEmpty)
      }
    }
  }
}
