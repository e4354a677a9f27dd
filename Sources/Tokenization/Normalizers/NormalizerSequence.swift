/// Several normalisers, one after the other.
struct NormalizerSequence: TextNormalizer {
  var steps: [any TextNormalizer]

  var name: String { steps.map(\.name).joined(separator: ", ") }

  var keepsBeginning: Bool { steps.allSatisfy(\.keepsBeginning) }

  var isLocal: Bool { steps.allSatisfy(\.isLocal) }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    var text: [UInt8]?
    for step in steps {
      if let current = text {
        text = step.normalized(current)
      } else {
        text = step.normalized(bytes)
      }
    }
    return text
  }

  func traced(_ text: TracedText) -> TracedText {
    steps.reduce(text) { text, step in step.traced(text) }
  }
}
