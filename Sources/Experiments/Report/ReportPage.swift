import Reporting
import Support

/// A report as its template sees it: sections of parts, each part one of a few kinds. Texts are as they are; the
/// template escapes them.
public struct ReportPage {
  var pageTitle: String
  /// Says what this is a report of.
  var pageLead: String
  var graftVersion: String
  var style = ReportTemplate.style
  var sections: [ReportSection]
  /// That made the page.
  var pageCommand: [String]
}

struct ReportSection {
  /// Of links to it.
  var anchor: String
  var sectionTitle: String
  /// What the section shows and how to read it.
  var sectionLead: String
  var parts: [ReportPart]

  /// - Parameter gap: which command would make something to show, where there is nothing.
  init(
    anchor: String, sectionTitle: String, sectionLead: String, parts: [ReportPart], ifEmpty gap: String? = nil
  ) {
    (self.anchor, self.sectionTitle, self.sectionLead) = (anchor, sectionTitle, sectionLead)
    self.parts = parts.isEmpty ? gap.map { [.gap($0)] } ?? [] : parts
  }
}

/// One of the kinds is there. They are lists of one or none, as a template looks for what is nil in the part around it:
/// parts stand in folds, which are parts themselves.
struct ReportPart {
  private(set) var subtitles: [String] = []
  private(set) var paragraphs: [String] = []
  /// What is not there, and which command would make it.
  private(set) var gaps: [ReportGap] = []
  fileprivate(set) var figures: [ReportFigure] = []
  fileprivate(set) var folds: [ReportFold] = []
  fileprivate(set) var examples: [ReportExample] = []

  static func subtitle(_ text: String) -> ReportPart { ReportPart(subtitles: [text]) }
  static func paragraph(_ text: String) -> ReportPart { ReportPart(paragraphs: [text]) }
  static func gap(_ text: String) -> ReportPart { ReportPart(gaps: [ReportGap(SettingNames.asFlags(text))]) }
  static func example(_ example: ReportExample) -> ReportPart { ReportPart(examples: [example]) }

  /// Shown once it is opened.
  static func fold(_ summary: String, _ parts: [ReportPart]) -> ReportPart {
    ReportPart(folds: [ReportFold(summary: summary, parts: parts)])
  }

  static func table(
    _ caption: String, _ table: Table, note: String? = nil, command: String
  ) -> ReportPart {
    ReportPart(
      figures: [
        ReportFigure(
          caption: caption, figureNote: note, table: ReportTable(table),
          figureCommand: ShellCommand.words(command))
      ])
  }

  /// - Parameter svg: a chart of `Reporting`.
  static func chart(_ caption: String, _ svg: String, note: String? = nil, command: String) -> ReportPart {
    ReportPart(
      figures: [
        ReportFigure(
          caption: caption, figureNote: note, chart: svg, figureCommand: ShellCommand.words(command))
      ])
  }

  /// - Parameter image: the address of a picture, which holds the picture itself.
  static func picture(_ caption: String, _ image: String, command: String) -> ReportPart {
    ReportPart(figures: [
      ReportFigure(caption: caption, image: image, figureCommand: ShellCommand.words(command))
    ])
  }

  static func facts(_ caption: String, _ facts: [ReportFact], command: String) -> ReportPart {
    ReportPart(figures: [
      ReportFigure(caption: caption, facts: facts, figureCommand: ShellCommand.words(command))
    ])
  }

  static func preformatted(_ caption: String, _ text: String, command: String) -> ReportPart {
    ReportPart(figures: [
      ReportFigure(caption: caption, preformatted: text, figureCommand: ShellCommand.words(command))
    ])
  }
}

/// A text with commands in it.
struct ReportGap {
  struct Piece {
    var plain: String
    /// Follows the plain text.
    var code: String
  }

  var pieces: [Piece]

  /// - Parameter text: commands stand between backticks.
  init(_ text: String) {
    let texts = text.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
    pieces = stride(from: 0, to: texts.count, by: 2).map { index in
      Piece(plain: texts[index], code: index + 1 < texts.count ? texts[index + 1] : "")
    }
  }
}

struct ReportFold {
  var summary: String
  var parts: [ReportPart]
}

/// What is looked at, its caption, and the command it comes from.
struct ReportFigure {
  var figureAnchor = ""
  var caption: String
  var figureNote: String?
  var table: ReportTable?
  /// SVG for the page itself.
  var chart: String?
  var image: String?
  var facts: [ReportFact]?
  var preformatted: String?
  /// Word by word, so that a line breaks between words only.
  var figureCommand: [String]
  /// Set where nothing stands beside it on a wide screen.
  var broad = false
}

extension ReportFigure {
  /// Whether it has no room beside another.
  fileprivate var isBroad: Bool { table?.isWide == true || image != nil || preformatted != nil }
}

struct ReportFact {
  var factName: String
  var factText: String

  init(_ name: String, _ text: String) {
    factName = name
    factText = text
  }
}

struct ReportTable {
  struct Cell {
    var cellText: String
    var isNumber: Bool
    /// Whether a word in it may have to be cut on a narrow screen: a hash, a path.
    var isLong = false
    /// What the column is called, in tables of many columns: on a narrow screen each row is a list of its cells.
    var cellHead: String?
  }

  struct Row { var cells: [Cell] }

  var head: [Cell]
  var rows: [Row]
  /// Whether it has more columns than a narrow screen, or half of a wide one, has room for.
  var isWide: Bool

  /// The most columns of a table that stands beside another figure, and the longest word that is not cut.
  private static let (narrow, word) = (5, 24)

  init(_ table: Table) {
    isWide = table.columns.count > Self.narrow
    let isWide = isWide
    head = table.columns.map { Cell(cellText: $0.title, isNumber: $0.alignment == .right) }
    rows = table.rows.map { texts in
      Row(
        cells: zip(texts, table.columns).map { text, column in
          Cell(
            cellText: text, isNumber: column.alignment == .right,
            isLong: text.split(separator: " ").contains { $0.count > Self.word }, cellHead: isWide ? column.title : nil)
        })
    }
  }
}

/// An example that was answered wrongly.
struct ReportExample {
  struct Choice {
    var choiceName: String
    /// In per cent.
    var choiceShare: String
    /// What the choice is: right, answered, or neither.
    var choiceRole: String
  }

  struct Token {
    var tokenText: String
    /// From 0 to 1: the weight by the greatest of its layer.
    var tint: String
    /// In per cent.
    var tokenShare: String
  }

  struct Layer {
    var layerName: String
    /// The strongest tokens in words, for those who do not see the tints.
    var layerText: String
    var tokens: [Token]
  }

  var exampleAnchor = ""
  var place: String
  var fields: [ReportFact]
  var choices: [Choice]
  /// Empty without attention.
  var layers: [Layer]
  var exampleCommand: [String]
}

extension ReportPage {
  /// - Parameters:
  ///   - title: what the page is called; nil for what it is about.
  ///   - paths: of the material, for the title of a page that is about no run.
  ///   - command: that makes the page.
  /// - Throws: what reading the material throws.
  public init(
    of material: ReportMaterial, _ context: ReportContext, title: String?, paths: [String], command: String
  ) throws(GraftError) {
    let trained = material.fineTuning.map(\.path) + material.pretraining.map(\.path)
    let names = ScoredSystem.distinct((trained.isEmpty ? paths : trained).map(ScoredSystem.name))
    pageTitle = title ?? "Report of \(names.joined(separator: ", "))"
    pageLead =
      "What was trained on what, how well it does, and what that rests on. Below every figure stands "
      + "the command it comes from."
    graftVersion = GraftVersion.number
    sections = [
      VerdictSection(material, context).section, TrainingSection(material).section, ScoreSection(material).section,
      try BaselineSection(material, context).section(), try DifficultySection(material, context).section(),
      StressSection(material, context).section, try CueSection(material, context).section(),
      CartographySection(material, context).section, try WorstExamplesSection(material, context).section(),
    ]
    if let translations = try TranslationSection(material, context).section() { sections.append(translations) }
    if let studies = StudySection(material).section { sections.append(studies) }
    pageCommand = ShellCommand.words(command)
  }

  /// With a number for each figure, by which its style sheet is told from those of others.
  func numbered() -> ReportPage {
    var page = self
    var count = 0
    func numbered(_ parts: [ReportPart]) -> [ReportPart] {
      parts.map { part in
        var part = part
        for index in part.figures.indices {
          count += 1
          part.figures[index].figureAnchor = "figure-\(count)"
          part.figures[index].broad = part.figures[index].isBroad
          part.figures[index].chart = part.figures[index].chart.map {
            InlineSVG($0, id: "chart-\(count)").text
          }
        }
        for index in part.examples.indices {
          count += 1
          part.examples[index].exampleAnchor = "figure-\(count)"
        }
        for index in part.folds.indices { part.folds[index].parts = numbered(part.folds[index].parts) }
        return part
      }
    }
    for index in sections.indices { page.sections[index].parts = numbered(sections[index].parts) }
    return page
  }
}
