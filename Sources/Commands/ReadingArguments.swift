import ArgumentParser
import Records

/// Flags of commands that put prompts to a model.
struct ReadingArguments: ParsableArguments {
  @Option(
    help: """
      Longest input in tokens; by default 128, or what the model has positions for if it goes on with texts. Of what \
      is longer a prompt loses its end and a text its beginning; a note and the results say of how many.
      """)
  var inputLength: Int?

  @Option(
    help: """
      How a decoder reads a prompt: prompt (it ends, and an answer follows) or continuation (the text goes on); how an \
      encoder reads a task: prompt or segments (its texts alone, two of them apart). By default as the model was \
      trained on the task, else as the task asks for, else as it was trained on texts.
      """)
  var layout: TextLayout?
}

extension TextLayout: ExpressibleByArgument {}
