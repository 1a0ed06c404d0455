"""Who answers cases: a module, a framework, a recording, a submission, a named mistake."""
