"""Documents in (PDF, Word, Excel, HTML, Markdown, text), passages along their structure out, each with page or article."""
