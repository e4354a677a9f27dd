/// How the text of an example stands in the sequence that a model reads: of a decoder how a prompt and what comes after
/// it stand there, of an encoder with heads whether it is given the prompt or what the prompt was made from.
/// Encoder-decoders know only `prompt`.
public enum TextLayout: String, Sendable, Hashable, Codable, CaseIterable {
  /// Both end in end-of-sequence, so that they never share a token: text to text, as models are fine-tuned.
  case prompt
  /// The prompt is the beginning of one text, which goes on where it stops, as in pretraining: nothing ends it, and the
  /// space before what follows is part of what follows.
  case continuation
  /// Of an encoder with heads, as encoders are pretrained and as transformers fine-tunes them: the texts of a task's
  /// fields without the words of its prompt, of two each with its end and with a segment of its own.
  case segments
}

/// How a decoder was shown texts in training; `reading` in a checkpoint's config.json. Only what differs from the
/// defaults is written.
public struct TextReading: Sendable, Hashable, Codable {
  /// Of every text that is of none of `tasks`.
  public var layout: TextLayout
  /// Of the tasks it was trained on.
  public var tasks: [String: TextLayout]?
  /// Whether a text to be continued has no start token before it, as in transformers.
  public var omitsStart: Bool?
  /// Whether a text to be continued was followed by end-of-sequence nevertheless: the prefixes of `prefix-lm`.
  public var endsPrompts: Bool?

  /// Reading of which only what differs from the defaults is given.
  public init(
    _ layout: TextLayout, tasks: [String: TextLayout]? = nil, omitsStart: Bool? = nil,
    endsPrompts: Bool? = nil
  ) {
    self.layout = layout
    self.tasks = tasks
    self.omitsStart = omitsStart
    self.endsPrompts = endsPrompts
  }

  /// How a task is put: as the model was trained on it, else as the task asks for, else as any text.
  public func layout(ofTask name: String, wanted: TextLayout?) -> TextLayout {
    tasks?[name] ?? wanted ?? layout
  }
}
