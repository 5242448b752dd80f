package perdura.training.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.DataSpec;
import perdura.training.image.JpegFile;
import perdura.training.text.ReportSections;
import perdura.training.text.SectionParser;

/** Opens the files of one listed study after the other: report, sentences, images (prior.md 1.2). Thread-safe. */
final class StudyFiles {
    private final Path files;
    private final int minSentences;
    private final ImageCheck check;
    private final ImageDigests known;

    /** @param known images that need not be opened; learns of the others */
    StudyFiles(DataSpec spec, ImageCheck check, ImageDigests known) {
        this.files = spec.root().resolve("files");
        this.minSentences = spec.minSentences();
        this.check = check;
        this.known = known;
    }

    /**
     * What became of a study: it is there, or left out, or has faults.
     *
     * @param imageDigests SHA-256 of the study's image files, in the order of its images
     */
    record Outcome(
            @Nullable Study study,
            List<String> imageDigests,
            @Nullable LeftOut leftOut,
            List<DataFault> faults) {
        static Outcome leftOut(LeftOut reason) {
            return new Outcome(null, List.of(), reason, List.of());
        }

        static Outcome faulty(List<DataFault> faults) {
            return new Outcome(null, List.of(), null, faults);
        }
    }

    Outcome load(ListedStudy listed) {
        if (listed.frontalImages().isEmpty()) {
            return Outcome.leftOut(LeftOut.NO_FRONTAL_IMAGE);
        }
        Path patient = files.resolve(listed.patientFolder());
        Path reportFile = patient.resolve("s" + listed.studyId() + ".txt");
        byte[] report;
        try {
            report = Files.readAllBytes(reportFile);
        } catch (NoSuchFileException e) {
            return Outcome.leftOut(LeftOut.NO_REPORT);
        } catch (IOException e) {
            return Outcome.faulty(List.of(unreadable(reportFile, e)));
        }
        StringBuilder text = new StringBuilder();
        int wrongByte = decode(report, text);
        if (wrongByte >= 0) {
            return Outcome.faulty(List.of(new DataFault(
                    reportFile.toString(), "not UTF-8 at byte " + wrongByte + "; restore the report from its source")));
        }
        return withReport(listed, patient.resolve("s" + listed.studyId()), text.toString());
    }

    private Outcome withReport(ListedStudy listed, Path folder, String report) {
        ReportSections sections = SectionParser.select(report);
        if (sections.isEmpty()) {
            return Outcome.leftOut(LeftOut.NO_SECTION);
        }
        List<String> sentences = sections.sentences();
        if (sentences.size() < minSentences) {
            return Outcome.leftOut(LeftOut.TOO_FEW_SENTENCES);
        }
        List<Path> images = new ArrayList<>();
        List<String> digests = new ArrayList<>();
        List<DataFault> faults = new ArrayList<>();
        for (String image : listed.frontalImages()) {
            Path file = folder.resolve(image + ".jpg");
            images.add(file);
            try {
                digests.add(digest(file, faults));
            } catch (IOException e) {
                faults.add(unreadable(file, e));
            }
        }
        if (!faults.isEmpty()) {
            return Outcome.faulty(faults);
        }
        Study study = new Study("s" + listed.studyId(), "p" + listed.patientId(), listed.split(), images, sentences);
        return new Outcome(study, digests, null, List.of());
    }

    private String digest(Path file, List<DataFault> faults) throws IOException {
        String name = files.relativize(file).toString();
        FileStamp stamp = FileStamp.of(file); // before the bytes, so that a change while they are read shows
        Optional<String> earlier = known.find(name, stamp);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        byte[] bytes = Files.readAllBytes(file);
        findFault(bytes)
                .ifPresent(fault -> faults.add(new DataFault(
                        file.toString(),
                        fault + "; restore the image from its source or take it out of the metadata file")));
        String sha256 = Sha256Text.of(bytes);
        known.add(name, stamp, sha256);
        return sha256;
    }

    private Optional<String> findFault(byte[] image) {
        Optional<String> fault = JpegFile.findFault(image);
        if (fault.isEmpty() && check == ImageCheck.DECODE) {
            try {
                JpegFile.decode(image);
            } catch (IOException e) {
                return Optional.of("damaged JPEG file (" + e.getMessage() + ")");
            }
        }
        return fault;
    }

    private static DataFault unreadable(Path file, IOException e) {
        String reason = e instanceof NoSuchFileException
                ? "no such file, though the metadata file lists it; restore it or take it out of the metadata file"
                : "can't be read (" + e.getClass().getSimpleName() + ")";
        return new DataFault(file.toString(), reason);
    }

    /** Decodes UTF-8; returns the place of the first wrong byte, or -1. */
    private static int decode(byte[] bytes, StringBuilder out) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer chars = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, chars, true);
        out.append(chars.flip());
        return result.isError() ? in.position() : -1;
    }
}
