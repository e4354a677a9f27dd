import Checkpointing
import Support

/// What a study came to: `results.json` in its folder, and the same for people.
public protocol StudyReport: Codable, Sendable, KindedFile {
  /// The tables for a terminal.
  var plainText: String { get }
  /// How they are to be read.
  var remarks: String { get }
  /// Both as a page.
  var markdown: String { get }
  /// A picture beside them, with the name of its file; nil for none.
  var picture: (name: String, svg: String)? { get }
}

extension StudyReport {
  public var picture: (name: String, svg: String)? { nil }

  /// What is written, the first as it lies in the folder `output`.
  public func files(in output: String) -> String {
    (["\(output)/table.md", "results.json"] + [picture?.name].compactMap(\.self)).joined(separator: ", ")
  }

  /// Writes everything into the study's folder.
  /// - Throws: `.inputOutput`.
  public func write(to output: String) throws(GraftError) {
    try JSONFile.write(self, to: "\(output)/results.json")
    try AtomicFile.write(markdown, to: "\(output)/table.md")
    if let picture { try AtomicFile.write(picture.svg, to: "\(output)/\(picture.name)") }
  }
}
