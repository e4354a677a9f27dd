import ModelKit

/// An answer as text, and how the model came to it.
public struct GeneratedAnswer: Sendable, Hashable {
  public var text: String
  public var hypothesis: Hypothesis

  public init(text: String, hypothesis: Hypothesis) {
    self.text = text
    self.hypothesis = hypothesis
  }
}
