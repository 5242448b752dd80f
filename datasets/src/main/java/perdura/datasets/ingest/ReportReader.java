package perdura.datasets.ingest;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import perdura.datasets.text.SectionParser;
import perdura.datasets.text.SectionParser.ReportSections;
import perdura.datasets.text.StudySentences;
import perdura.grids.spec.IngestSpec;

/** From a report's bytes to its sentences, by the rules of a profile (prior.md 1.3, 1.4; sense.md 1.2, 1.5). */
final class ReportReader {
    private final IngestSpec spec;

    ReportReader(IngestSpec spec) {
        this.spec = spec;
    }

    /** A report is not UTF-8. */
    static final class WrongEncodingException extends Exception {
        private static final long serialVersionUID = 1L;

        WrongEncodingException(int at) {
            super("not UTF-8 at byte " + at + "; restore the report from its source");
        }
    }

    /** The sections that are read; empty if it has none of them. */
    ReportSections sections(byte[] report) throws WrongEncodingException {
        ReportSections all = SectionParser.select(decode(report));
        return spec.sections() == IngestSpec.Sections.FINDINGS ? new ReportSections("", all.findings()) : all;
    }

    /** The sentences of the impression, then those of the findings. */
    List<String> sentences(ReportSections sections) {
        return switch (spec.profile()) {
            case PRIOR -> sections.sentences();
            case SENSE -> {
                List<String> sentences = new ArrayList<>(StudySentences.of(sections.impression()));
                sentences.addAll(StudySentences.of(sections.findings()));
                yield sentences;
            }
        };
    }

    private static String decode(byte[] bytes) throws WrongEncodingException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer chars = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, chars, true);
        if (result.isError()) {
            throw new WrongEncodingException(in.position());
        }
        return chars.flip().toString();
    }
}
