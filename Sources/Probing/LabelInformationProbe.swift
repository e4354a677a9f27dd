import Foundation
import Scoring
import Support

/// How many bits about the label a part of the input holds, by online coding (Voita and Titov 2020,
/// "Information-Theoretic Probing with Minimum Description Length"; Rissanen's prequential code).
///
/// Somebody who has the texts is sent the labels of the training split, block by block. The first block costs log₂ |Y|
/// bits a label; each further one is coded with a model of all blocks before it:
///
///     L = t₁ log₂ |Y| − Σᵢ log₂ p_θᵢ(labels of block i + 1 | texts),  θᵢ trained on the first tᵢ examples
///
/// with tᵢ at 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.25, 12.5, 25, 50 and 100 % of the examples in random order. A model that
/// is right only after many examples pays for them, so that, unlike accuracy, L also says how hard the regularity is to
/// find. L / n stands beside the entropy of the labels, H = −Σ p log₂ p, which is what they cost somebody who knows how
/// frequent they are: H − L / n is what the part of the input saves a label. Interval: Student's t over seeds, each of
/// which has another order of the examples and of training.
///
/// The label is little beside the text: the bits of each field under an adaptive byte model of order 4 (`ByteModel`)
/// say how little.
///
/// Worked example: four examples of two classes, t = 1, 2, 4; the models give the second label ½, the third and fourth
/// ¼ and ½. L = 1 + 1 + 2 + 1 = 5 bits, 1.25 a label, beside H = 1 for balanced classes: worse than knowing nothing.
public struct LabelInformationProbe: Probe {
  public static let identifier = "label-information"
  public static let reportType: any (ProbeReport & Decodable).Type = LabelInformationReport.self
  /// Of the examples, where blocks end.
  static let portions = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.0625, 0.125, 0.25, 0.5, 1]
  /// Text of a field beyond this is not coded, which costs time and changes little.
  static let longestText = 1 << 20

  /// There is nothing to choose; `ProbeOptions` has what all probes share.
  public init() {}

  public func report(on input: ProbeInput) throws(GraftError) -> any ProbeReport {
    let labels = input.training.labels
    let entropy = Self.entropy(input.training.counts(classCount: input.classes.count))
    let codes = PartialInput.all(of: input).map { view in
      let models = PartialInputModels(view, of: input)
      let lengths = (0..<input.options.seeds).map { seed in
        var generator = input.options.key.folded("online-code").folded(seed).generator()
        let order = generator.permutation(labels.count)
        return Self.codeLength(order, classCount: input.classes.count) { block, seen in
          models.codeLength(block, after: seen, seed: seed)
        } / Double(labels.count)
      }
      return LabelInformationReport.Code(
        input: view.name, bitsPerLabel: Estimate.mean(lengths),
        saved: Estimate.mean(lengths.map { entropy - $0 }),
        compression: Estimate.mean(lengths.map { log2(Double(input.classes.count)) / $0 }))
    }
    let texts = input.fields.map { field in
      var model = ByteModel()
      var (bits, bytes, examples) = (0.0, 0, 0)
      for example in input.training.examples where bytes < Self.longestText {
        let text = Array((example.fields[field] ?? "").utf8)
        bits += model.bits(text)
        bytes += text.count
        examples += 1
      }
      return LabelInformationReport.Text(
        field: field, examples: examples, bitsPerExample: bits / Double(max(1, examples)),
        bitsPerByte: bytes > 0 ? bits / Double(bytes) : 0)
    }
    return LabelInformationReport(
      trainingSplit: input.training.name, examples: labels.count, seeds: input.options.seeds,
      uniformBits: log2(Double(input.classes.count)), entropy: entropy, codes: codes, texts: texts)
  }

  /// In bits.
  static func entropy(_ counts: [Int]) -> Double {
    let total = Double(counts.reduce(0, +))
    return counts.reduce(0.0) { sum, count in
      count == 0 ? sum : sum - Double(count) / total * log2(Double(count) / total)
    }
  }

  /// Where blocks end, in examples: the portions rounded up, those that coincide once.
  static func blockEnds(_ count: Int) -> [Int] {
    var ends: [Int] = []
    for portion in portions {
      let end = min(count, Int((portion * Double(count)).rounded(.up)))
      if end > (ends.last ?? 0) { ends.append(end) }
    }
    return ends
  }

  /// The bits of all labels.
  ///
  /// - Parameter cost: the bits of a block after training on the examples seen before it.
  static func codeLength(
    _ order: [Int], classCount: Int, cost: (_ block: [Int], _ seen: [Int]) -> Double
  ) -> Double {
    let ends = blockEnds(order.count)
    guard let first = ends.first else { return 0 }
    var bits = Double(first) * log2(Double(classCount))
    for (start, end) in zip(ends, ends.dropFirst()) {
      bits += cost(Array(order[start..<end]), Array(order[..<start]))
    }
    return bits
  }
}

/// What `LabelInformationProbe` found.
public struct LabelInformationReport: ProbeReport, Decodable {
  /// The code length of the labels given one part of the input.
  public struct Code: Codable, Sendable {
    /// The part of the input: `FIELD-only`, `all-fields` and the like.
    public var input: String
    /// L / n.
    public var bitsPerLabel: Estimate?
    /// H − L / n.
    public var saved: Estimate?
    /// log₂ |Y| / (L / n), Voita and Titov's compression.
    public var compression: Estimate?
  }

  /// The code length of one field's texts.
  public struct Text: Codable, Sendable {
    /// The field's name.
    public var field: String
    /// Those coded.
    public var examples: Int
    /// Bits of the field's text, the mean over examples.
    public var bitsPerExample: Double
    /// The same by byte of UTF-8; 0 if all texts are empty.
    public var bitsPerByte: Double
  }

  /// The split whose labels are coded.
  public var trainingSplit: String
  /// Labels coded.
  public var examples: Int
  /// Random orders of the examples, over which the intervals are.
  public var seeds: Int
  /// log₂ |Y|.
  public var uniformBits: Double
  /// H, of the training split's labels.
  public var entropy: Double
  /// One for each part of the input.
  public var codes: [Code]
  /// One for each field of the prompt.
  public var texts: [Text]

  public var tables: [ProbeTable] {
    var labels = ProbeTable(
      title: "Bits of label: online code length",
      note: "Of \(examples) labels of \(trainingSplit), \(seeds) orders; a label costs "
        + "\(NumberText.fixed(entropy, digits: 3)) bits without any text.",
      columns: [.text("given"), .number("bits per label"), .number("saved"), .number("compression")])
    for code in codes {
      labels.append([
        .text(code.input), .estimate(code.bitsPerLabel, digits: 3), .estimate(code.saved, digits: 3),
        .estimate(code.compression, digits: 2),
      ])
    }
    var fields = ProbeTable(
      title: "Bits of text",
      note: "Under an adaptive byte model of order \(ByteModel.order) that starts knowing nothing.",
      columns: [
        .text("field"), .number("bits per example"), .number("bits per byte"), .number("label's share"),
      ])
    for text in texts {
      fields.append([
        .text(text.field), .number(text.bitsPerExample, digits: 1), .number(text.bitsPerByte, digits: 2),
        text.bitsPerExample > 0 ? .share(entropy / text.bitsPerExample) : .missing,
      ])
    }
    return [labels, fields]
  }
}
