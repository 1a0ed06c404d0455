"""From a subject to a report: plan, answers, judgement, checks; one way for all subjects."""
