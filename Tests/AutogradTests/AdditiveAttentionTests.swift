import Compute
import Records
import TestSupport
import Testing

@testable import Autograd

/// Additive attention, and columns side by side: kernels against the twins.
@Suite struct AdditiveAttentionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var queries: [Int]
    var keys: [Int]
    var columns = 5
    var width = 7
    var testDescription: String { "\(queries)×\(keys), \(columns) and \(width)" }
  }

  static let cases = [
    Case(queries: [1], keys: [1]), Case(queries: [], keys: []), Case(queries: [1], keys: [7], columns: 1, width: 1),
    Case(queries: [9, 2], keys: [1, 20]), Case(queries: [3, 4, 5], keys: [0, 6, 11], columns: 33),
    Case(queries: [0, 9], keys: [6, 5]), Case(queries: [4, 11], keys: [0, 0]),
    Case(queries: [17, 12], keys: [31, 9], columns: 32, width: 64), Case(queries: [2, 3], keys: [130, 9]),
  ]

  private func rows(_ lengths: [Int]) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 1, count: length)) }
    return SequenceRows(sequences)
  }

  private func twin(_ queries: SequenceRows, _ keys: SequenceRows, _ sources: [Int]? = nil) -> Twin {
    .additiveAttention(
      queries.offsets.indices.map { i in
        let source = sources?[i] ?? i
        return (
          queries: queries.offsets[i]..<queries.offsets[i] + queries.lengths[i],
          keys: keys.offsets[source]..<keys.offsets[source] + keys.lengths[source]
        )
      }, queryRowCount: queries.rowCount)
  }

  /// Keys and values in one tensor, values first.
  private func joined(_ key: DoubleMatrix, _ value: DoubleMatrix) -> DoubleMatrix { Twin.joined.forward([value, key]) }

  private func inputs(_ test: Case, _ type: ElementType, _ queries: SequenceRows, _ keys: SequenceRows)
    -> [DoubleMatrix]
  {
    [
      .random(queries.rowCount, test.columns, seed: 1, type: type, scale: 2),
      .random(keys.rowCount, test.columns, seed: 2, type: type, scale: 2),
      .random(keys.rowCount, test.width, seed: 3, type: type), .random(1, test.columns, seed: 4, scale: 2),
    ]
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, cases)
  func kernelsEqualTheTwin(_ precision: Precision, _ test: Case) throws {
    let lab = try TapeLaboratory(precision)
    let (queries, keys) = (rows(test.queries), rows(test.keys))
    let inputs = inputs(test, lab.operand, queries, keys)
    let query = lab.tensor(inputs[0])
    let memory = lab.tensor(joined(inputs[1], inputs[2]))
    let vector = lab.parameter(inputs[3])
    let out = lab.tape.additiveAttention(
      query: query, key: HeadColumns(memory, column: test.width), value: HeadColumns(memory, column: 0),
      width: test.width, vector: vector, queryRows: queries, keyRows: keys)
    let twin = twin(queries, keys)
    let tolerance = TapeLaboratory.tolerance(precision)
    #expect(relativeDifference(lab.value(out), twin.forward(inputs)) < tolerance)

    // Rows of no sequence have a gradient, too, that must go nowhere.
    let upstream = DoubleMatrix.random(out.rows, test.width, seed: 8, type: lab.operand)
    lab.backward(out, upstream)
    let gradients = twin.backward(inputs, upstream)
    let floor = precision == .f32 ? 0.1 : 1
    #expect(relativeDifference(lab.gradient(query), gradients[0], floor: floor) < tolerance)
    #expect(relativeDifference(lab.gradient(memory), joined(gradients[1], gradients[2]), floor: floor) < tolerance)
    #expect(relativeDifference(lab.gradient(vector), gradients[3], floor: floor) < tolerance)
  }

  /// As beams attend to the inputs that they answer.
  @Test(arguments: TapeLaboratory.precisions) func sequencesAttendToOthersByChoice(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision, recording: false)
    let test = Case(queries: [1, 1, 0, 2], keys: [4, 9])
    let (queries, keys, sources) = (rows(test.queries), rows(test.keys), [1, 0, 0, 1])
    let inputs = inputs(test, lab.operand, queries, keys)
    let out = lab.tape.additiveAttention(
      query: lab.tensor(inputs[0]), key: HeadColumns(lab.tensor(inputs[1]), column: 0),
      value: HeadColumns(lab.tensor(inputs[2]), column: 0), width: test.width, vector: lab.parameter(inputs[3]),
      queryRows: queries, keyRows: keys, sources: sources)
    let expected = twin(queries, keys, sources).forward(inputs)
    #expect(relativeDifference(lab.value(out), expected) < TapeLaboratory.tolerance(precision))
  }

  /// The values by the weights that an observer is told are the output.
  @Test func weightsTimesValuesAreTheOutput() throws {
    let lab = try TapeLaboratory(.f32, recording: false)
    let test = Case(queries: [5, 9], keys: [7, 12])
    let (queries, keys) = (rows(test.queries), rows(test.keys))
    let inputs = inputs(test, .float32, queries, keys)
    var seen: [AttentionWeights] = []
    lab.tape.attentionObserver = { seen.append($0) }
    let out = lab.value(
      lab.tape.additiveAttention(
        query: lab.tensor(inputs[0]), key: HeadColumns(lab.tensor(inputs[1]), column: 0),
        value: HeadColumns(lab.tensor(inputs[2]), column: 0), width: test.width, vector: lab.parameter(inputs[3]),
        queryRows: queries, keyRows: keys))
    #expect(seen.map(\.sequence) == [0, 1] && seen.map(\.queries) == test.queries && seen.map(\.keys) == test.keys)
    for weights in seen {
      #expect(!weights.isCausal && weights.heads == 1)
      for query in 0..<weights.queries {
        #expect(abs(weights.mean(query: query).reduce(0, +) - 1) < 1e-6)
        for c in 0..<test.width {
          let mixed = (0..<weights.keys).reduce(0.0) { sum, key in
            sum + Double(weights[0, query, key]) * inputs[2][keys.offsets[weights.sequence] + key, c]
          }
          #expect(abs(mixed - out[queries.offsets[weights.sequence] + query, c]) < 1e-5)
        }
      }
    }
  }

  /// Columns side by side, of tensors that others read as well, and of one alone.
  @Test(arguments: TapeLaboratory.precisions, [false, true])
  func joinedColumnsEqualTheTwin(_ precision: Precision, _ shared: Bool) throws {
    let lab = try TapeLaboratory(precision)
    let parts = [3, 1, 17].map { DoubleMatrix.random(9, $0, seed: $0, type: lab.operand) }
    let tensors = parts.map { lab.tensor($0, gradient: shared ? .float32 : nil) }
    let out = lab.tape.joined(tensors, shared: shared)
    #expect(lab.value(out) == Twin.joined.forward(parts))
    #expect(out.gradientType == (shared ? .float32 : lab.operand))
    let upstream = DoubleMatrix.random(9, 21, seed: 5, type: lab.operand)
    var expected = Twin.joined.backward(parts, upstream)
    guard shared else {
      lab.backward(out, upstream)
      #expect(tensors.map(lab.gradient) == expected)
      return
    }
    // A copy of the last has a gradient of its own, which is added.
    let copy = lab.tape.joined([tensors[2]])
    let further = DoubleMatrix.random(9, 17, seed: 6, type: lab.operand)
    let source = lab.tensor(further)
    lab.tape.gradientTarget(copy).pointer.copyMemory(from: source.data, byteCount: source.count * source.type.size)
    lab.backward(out, upstream)
    for i in further.values.indices { expected[2].values[i] += further.values[i] }
    for (tensor, gradient) in zip(tensors, expected) {
      #expect(relativeDifference(lab.gradient(tensor), gradient) < 1e-6)
    }
  }
}
