import de.bwaldvogel.mongo.bson.Document;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.stream.Stream;

/** The first documents of a sorted list, without holding the others: a page of a large collection must fit into a small heap. */
final class TopDocuments {
    private TopDocuments() {}

    /** The first `count` of the stream by the order, themselves in no order. */
    static Stream<Document> of(Stream<Document> documents, Comparator<Document> order, int count) {
        PriorityQueue<Document> top = new PriorityQueue<>(order.reversed());
        documents.forEach(document -> {
            top.add(document);
            if (top.size() > count) top.poll();
        });
        return top.stream();
    }
}
