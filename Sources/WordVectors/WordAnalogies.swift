import Scoring
import Support

/// Questions a : b = c : d, in sections.
public struct WordAnalogies: Sendable {
  /// The questions below a line `: name`.
  public struct Section: Sendable {
    public var name: String
    public var questions: [[String]] = []
  }

  public private(set) var sections: [Section] = []

  /// Reads the file of word2vec: lines `: section`, and lines of four words.
  /// - Throws: `.badData` naming a line with another number of words; as reading throws.
  public init(contentsOf path: String) throws(GraftError) {
    var sections: [Section] = []
    try LineReader(try TextInput(path)).forEachLine { (line, number) throws(GraftError) in
      let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
      guard !words.isEmpty else { return }
      if words[0].hasPrefix(":") {
        let name = (words[0].dropFirst().isEmpty ? [] : [String(words[0].dropFirst())]) + words.dropFirst()
        return sections.append(Section(name: name.joined(separator: " ")))
      }
      guard words.count == 4 else {
        throw GraftError(
          .badData, "a question has four words, this line \(words.count)",
          hint: "write `Athens Greece Oslo Norway`, and `: name` before a section.",
          location: SourceLocation(file: path, line: number))
      }
      if sections.isEmpty { sections.append(Section(name: "all")) }
      sections[sections.count - 1].questions.append(words)
    }
    self.sections = sections.filter { !$0.questions.isEmpty }
    guard !self.sections.isEmpty else {
      throw GraftError(.badData, "there is no question in the file", location: SourceLocation(file: path))
    }
  }

  /// What a section came to.
  public struct Result: Sendable, Encodable {
    public var section: String
    public var questions: Int
    /// Those whose four words all have vectors; the others are not asked.
    public var covered: Int
    public var correct: Int
    /// Of those covered, with Wilson's interval; nil if there is none.
    public var accuracy: Estimate?

    init(section: String, questions: Int, covered: Int, correct: Int) {
      (self.section, self.questions, self.covered, self.correct) = (section, questions, covered, correct)
      accuracy = Estimate.proportion(correct, of: covered)
    }
  }

  /// Answers each question by the word nearest to b - a + c, other than these (3CosAdd; Mikolov, Yih & Zweig 2013).
  /// - Parameter ignoringCase: words are looked up in lower case where they have no vector as they are.
  /// - Returns: a result for each section, and of all together.
  public func results(
    of space: Neighbourhood, ignoringCase: Bool
  ) -> (sections: [Result], total: Result) {
    var results: [Result] = []
    for section in sections {
      let rows = section.questions.compactMap { question -> [Int]? in
        let rows = question.compactMap { space.row($0, ignoringCase: ignoringCase) }
        return rows.count == 4 ? rows : nil
      }
      let answers = space.nearest(
        to: rows.map { row -> [(row: Int, weight: Float)] in [(row[0], -1), (row[1], 1), (row[2], 1)] })
      let correct = zip(rows, answers).count { $0[3] == $1 }
      results.append(
        Result(section: section.name, questions: section.questions.count, covered: rows.count, correct: correct))
    }
    func sum(_ count: KeyPath<Result, Int>) -> Int { results.reduce(0) { $0 + $1[keyPath: count] } }
    return (
      results,
      Result(section: "all", questions: sum(\.questions), covered: sum(\.covered), correct: sum(\.correct))
    )
  }
}

extension Neighbourhood {
  /// The row of a word that takes part; nil if there is none.
  public func row(_ word: String, ignoringCase: Bool) -> Int? {
    let found = vectors.index(word) ?? (ignoringCase ? vectors.index(word.lowercased()) : nil)
    return found.flatMap { $0 < count ? $0 : nil }
  }
}
