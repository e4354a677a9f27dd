import Foundation
import Testing

@testable import Experiments

/// CITATION.cff and the citation in model cards are made from one source.
@Suite struct ProjectCitationTests {
  @Test func theFileIsWhatCardsSay() throws {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let file = try String(contentsOf: root.appendingPathComponent("CITATION.cff"), encoding: .utf8)
    #expect(file == ProjectCitation.file)
    #expect(ProjectCitation.bibtex.contains(ProjectCitation.title))
  }
}
