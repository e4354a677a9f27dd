import Support

/// How Graft is cited: what model cards end with, and what `CITATION.cff` says, which a test compares.
enum ProjectCitation {
  static let title = "Graft: pretraining, fine-tuning and stress-testing of small language models"

  static var sentence: String {
    "Please cite the data sets named above, the model that this one began with, and Graft \(GraftVersion.number):"
  }

  static var bibtex: String {
    """
    @software{graft,
      title = {\(title)},
      author = {{The Graft developers}},
      version = {\(GraftVersion.number)}
    }
    """
  }

  /// In the Citation File Format 1.2.0 (https://citation-file-format.github.io).
  static var file: String {
    """
    # What `cite` of a repository reads: Citation File Format, https://citation-file-format.github.io
    cff-version: 1.2.0
    message: If you use Graft, please cite it as below.
    type: software
    title: \(title.yamlLiteral)
    authors:
      - name: The Graft developers
    version: \(GraftVersion.number)
    license: Apache-2.0
    abstract: >-
      A toolkit for ordinary machines: pretrain a small language model on a corpus with the objective of your choice, fine-tune
      it on text-to-text tasks, and find out with stress sets and probes of annotation artifacts whether it learned the task
      or the quirks of the data set.

    """
  }
}
